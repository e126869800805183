using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.SequentialTests.Following;

/// <summary>A server whose answers exceed every bound fails the connect with a reason, and takes no memory that it only announced.</summary>
[Trait("Alone", "process")]
public sealed class OddServerTests
{
    private const long MostAllocated = 64 * 1024 * 1024;

    private static readonly string Nested = string.Concat(Enumerable.Repeat("*1\r\n", 20_000));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("redis", "nested")]
    [InlineData("redis-sentinel", "nested")]
    [InlineData("redis", "*1000000000\r\n")]
    [InlineData("redis-sentinel", "$1000000000\r\n")]
    public async Task ConnectAsync_AnswersBeyondEveryBound_FailsWithTheReason(string scheme, string answer)
    {
        await using var peer = ScriptedPeer.Start(_ => answer == "nested" ? Nested : answer);
        var options = new ConvoyRedisOptions
        {
            Scheme = scheme,
            Host = $"{peer.Endpoint}",
            MasterName = scheme == "redis" ? null : "mymaster",
            CommandTimeout = TimeSpan.FromSeconds(1),
            HoldDeadline = TimeSpan.FromMilliseconds(400),
        };
        var before = GC.GetTotalAllocatedBytes();

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => ConvoyRedisConnection.ConnectAsync(options, Token));

        Assert.Contains("does not speak RESP", fault.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, MostAllocated);
        await Eventually.TrueAsync(() => peer.Connections == 0, Token);
    }
}
