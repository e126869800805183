using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>Bytes allocated per command, by BenchmarkDotNet's memory diagnoser.</summary>
[MemoryDiagnoser]
public class AllocationBenchmark
{
    private const int Callers = 64, Turns = 100;

    private StandaloneRedis? _redis;
    private ConnectedPair? _connections;

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers * Turns * 2)]
    public Task Plain() => RunAsync(_connections!.Plain);

    [Benchmark(OperationsPerInvoke = Callers * Turns * 2)]
    public Task Own() => RunAsync(_connections!.Own);

    [GlobalSetup]
    public async Task ConnectAsync()
    {
        _redis = await StandaloneRedis.StartAsync();
        _connections = await ConnectedPair.ConnectAsync(_redis, CancellationToken.None);
    }

    [GlobalCleanup]
    public async Task CloseAsync()
    {
        await _connections!.DisposeAsync();
        await _redis!.DisposeAsync();
    }

    internal static async Task<IReadOnlyList<Allocation>> RunAsync(bool isQuick)
    {
        var artifacts = Directory.CreateTempSubdirectory("convoy-redis-benchmark-");
        try
        {
            var job = Job.Default.WithToolchain(InProcessNoEmitToolchain.DontLogOutput).WithWarmupCount(isQuick ? 2 : 5).WithIterationCount(isQuick ? 3 : 15);
            var config = ManualConfig.CreateEmpty().AddJob(job).AddColumnProvider(DefaultColumnProviders.Instance).AddLogger(NullLogger.Instance)
                .WithArtifactsPath(artifacts.FullName).WithOptions(ConfigOptions.DisableLogFile);
            var summary = await Task.Run(() => BenchmarkRunner.Run<AllocationBenchmark>(config));
            return [.. summary.Reports.Select(report => new Allocation(
                report.BenchmarkCase.Descriptor.WorkloadMethod.Name, report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase)!.Value))];
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }

    private static Task RunAsync(StackExchange.Redis.IDatabase database) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
    {
        for (var turn = 0; turn < Turns; turn++)
            await Workload.All[0].RunAsync(database, caller);
    }));
}
