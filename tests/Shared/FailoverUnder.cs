using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Tests;

/// <summary>A planned failover while commands are under way.</summary>
internal static class FailoverUnder
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Checks that none of the commands fails, and that the stream is handed over and not cut.</summary>
    /// <param name="name">What is under way.</param>
    /// <param name="family">Sends the commands, and checks their replies, until it is told to stop.</param>
    public static async Task AssertLosslessAsync(string name, Func<IDatabase, CancellationToken, Task> family)
    {
        var times = Soak.Figure(inTest: 1, inSoak: 3);
        for (var drill = 0; drill < times; drill++)
            await Lossless.AssertAsync(() => FailOverAsync(family));
        Soak.Report($"planned failover under {name}, {times} drills", "0 failed, lost or applied twice");
    }

    private static async Task<(long? PossiblyLostBytes, Action Check)> FailOverAsync(Func<IDatabase, CancellationToken, Task> family)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var moved = new TaskCompletionSource<long?>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, change) => moved.TrySetResult(change.PossiblyLostBytes);
        var isCut = false;
        multiplexer.ConnectionFailed += (_, failure) => isCut |= failure.ConnectionType == ConnectionType.Interactive;

        using var stop = new CancellationTokenSource();
        var working = family(multiplexer.GetDatabase(), stop.Token);
        await Task.WhenAny(working, Task.Delay(300, Token));
        await topology.WaitUntilSettledAsync(Token);
        await topology.FailoverAsync(Token);
        var lost = await moved.Task.WaitAsync(Bound, Token);
        await Task.WhenAny(working, Task.Delay(300, Token));
        await stop.CancelAsync();
        await Task.WhenAny(working).WaitAsync(Bound, Token);

        void Check()
        {
            Assert.False(isCut, "It was cut in place of handed over.");
            working.GetAwaiter().GetResult();
        }

        return (lost, Check);
    }
}
