using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>What docs/libraries.md says: other people's libraries, all at work on one connection while its master fails.</summary>
public sealed class LibraryTests
{
    private const int Calls = 20;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MasterFault.Kill)]
    [InlineData(MasterFault.Hang)]
    public async Task Libraries_MasterDies_KeepTheirPromises(MasterFault fault) => (await FailUnderAllAsync(fault)).Check();

    [Fact]
    public Task Libraries_PlannedFailover_NoticeNothing() => Lossless.AssertAsync(() => FailUnderAllAsync(MasterFault.Planned));

    private static async Task<(long? PossiblyLostBytes, Action Check)> FailUnderAllAsync(MasterFault fault)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var moved = new TaskCompletionSource<long?>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, change) => moved.TrySetResult(change.PossiblyLostBytes);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        ILibrary[] libraries = [
            new FusionCaches(multiplexer), new HangfireJobs(multiplexer), new OrleansGrains(multiplexer), new RedLocks(multiplexer),
            new StackCommands(multiplexer, connection)];
        try
        {
            await Task.WhenAll(libraries.Select(library => library.StartAsync(Token)));
            await GoOnAsync(libraries);
            await topology.WaitUntilSettledAsync(Token);

            var begun = Stopwatch.GetTimestamp();
            await topology.CauseAsync(fault, Token);
            var outage = new Outage(fault, begun, Stopwatch.GetTimestamp());
            var lost = await moved.Task.WaitAsync(Bound, Token);
            await GoOnAsync(libraries);

            await Task.WhenAll(libraries.Select(library => library.StopAsync(outage, Token)));
            void Check()
            {
                foreach (var library in libraries)
                    Report(fault, library, library.Check(outage));
            }

            return (lost, Check);
        }
        finally
        {
            foreach (var library in libraries)
            {
                Report(fault, library, $"{library.Calls}");
                await library.DisposeAsync();
            }
        }
    }

    private static void Report(MasterFault fault, ILibrary library, string noticed) =>
        TestContext.Current.TestOutputHelper!.WriteLine($"{fault}, {library.GetType().Name}: {noticed}");

    // Each of them.
    private static Task GoOnAsync(ILibrary[] libraries) => Task.WhenAll(libraries.Select(library =>
    {
        var before = library.Calls.Succeeded;
        return Eventually.TrueAsync(() => library.Calls.Succeeded >= before + Calls, Token);
    }));
}
