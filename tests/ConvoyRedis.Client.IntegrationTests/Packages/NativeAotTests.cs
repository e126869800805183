using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>The library compiled to native code, ahead of time.</summary>
public sealed class NativeAotTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task NativeProgram_IsCompiledWithoutAWarning_AndFollowsAPlannedFailover()
    {
        var project = Path.Combine(Dotnet.Root, "tests", "ConvoyRedis.Client.Aot");
        var printed = await Dotnet.RunAsync(project, "publish", "--use-current-runtime", "--output", _directory.FullName,
            $"--property:IntermediateOutputPath={_directory.FullName}/obj/");
        Assert.DoesNotContain("warning", printed, StringComparison.OrdinalIgnoreCase);

        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var old = await topology.GetMasterAsync(Token);
        var start = new ProcessStartInfo(Path.Combine(_directory.FullName, "ConvoyRedis.Client.Aot"))
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in topology.EnvironmentVariables)
            start.Environment[name] = value;
        using var program = Process.Start(start)!;
        Assert.Equal($"connected {old.Address}", await program.StandardOutput.ReadLineAsync(Token));
        await topology.FailoverAsync(Token);

        Assert.StartsWith($"followed {old.Address} ", await program.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        Assert.StartsWith("lost ", await program.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        await program.WaitForExitAsync(Token);
        Assert.Equal(0, program.ExitCode);
    }
}
