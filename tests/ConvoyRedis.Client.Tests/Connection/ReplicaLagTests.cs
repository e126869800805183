using ConvoyRedis.Client.Connection;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>When a replica counts as behind, by its master's replies to ROLE.</summary>
public sealed class ReplicaLagTests
{
    private const string A = "10.0.0.2:6379";
    private const string B = "10.0.0.3:6379";

    private readonly FakeTimeProvider _time = new();
    private readonly ReplicaLag _lag;
    private long _offset = 1000;

    public ReplicaLagTests() => _lag = new ReplicaLag(_time, ReplicaLag.Bound);

    [Fact]
    public void Observe_ReplicasASecondBehindUnderLoad_AreInStep() =>
        Assert.All(Enumerable.Range(0, 60), _ => Assert.Empty(Second((A, _offset - 900), (B, _offset - 2500))));

    [Fact]
    public void Observe_ReplicaGone_IsBehindOnceAndInStepWhenItIsBack()
    {
        Second((A, _offset), (B, _offset));

        Assert.Equal([(B, true)], Seconds(30, () => Second((A, _offset))));
        Assert.Equal([(B, false)], Seconds(30, () => Second((A, _offset), (B, _offset))));
    }

    [Fact]
    public void Observe_ReplicaThatAcknowledgesNothingMore_IsBehindAfterTheBound()
    {
        Second((A, _offset), (B, _offset));
        var stuck = _offset;

        Assert.Empty(Seconds((int)ReplicaLag.Bound.TotalSeconds, () => Second((A, _offset), (B, stuck))));
        Assert.Equal([(B, true)], Seconds(6, () => Second((A, _offset), (B, stuck))));
    }

    [Fact]
    public void Observe_NothingIsWritten_NobodyIsBehind()
    {
        Second((A, _offset));
        var still = _offset;

        Assert.Empty(Seconds(60, () => Observe(still, (A, still))));
    }

    [Fact]
    public void Observe_EverOtherReplicas_AreFollowedUpToTheBound()
    {
        var number = 0;

        Assert.Equal(ReplicaLag.MostReplicas, Seconds(2 * ReplicaLag.MostReplicas, () => Second(($"replica-{number++}:6379", _offset))).Count);
    }

    [Theory]
    [InlineData(":6379")]
    [InlineData("10.0.0.2:70000")]
    [InlineData("a host:6379")]
    public void Observe_AddressThatCannotBe_IsPassedOver(string address)
    {
        Second((address, _offset));

        Assert.Empty(Seconds(30, () => Second()));
    }

    [Fact]
    public void LackedAtTheOrder_NothingIsWritten_IsWhatTheLastReplicaHasNotAcknowledged()
    {
        Assert.Equal(0, Lacked(5000));
        Assert.Equal(0, Lacked(5000, (A, 5000)));
        Assert.Equal(3000, Lacked(5000, (A, 4100), (B, 2000)));
        Assert.Equal(5000, Lacked(5000, (A, 0), (B, 5000)));
    }

    // The replicas have just acknowledged everything: what counts is what the master writes until the order, which comes 200 ms later at most.
    [Fact]
    public void LackedAtTheOrder_MasterWritesFast_CountsWhatItWritesUntilThen()
    {
        Observe(0, (A, 0));
        Observe(100_000_000, (A, 100_000_000));

        Assert.Equal(20_000_000, Lacked(100_000_000, (A, 100_000_000)));
        Assert.Equal(20_500_000, Lacked(100_000_000, (A, 99_500_000)));
    }

    // At the beginning of a failover, the last question may be only an instant ago.
    [Fact]
    public void LackedAtTheOrder_AskedBetweenTwoSeconds_GoesByTheFastestOfTheLastOnes()
    {
        Observe(0, (A, 0));
        Observe(10_000_000, (A, 10_000_000));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal((long)(10_000_000 * 0.2 / 1.001), Lacked(10_000_000, (A, 10_000_000)));

        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(4_000_000, Lacked(12_000_000, (A, 12_000_000)));
    }

    [Fact]
    public void LackedAtTheOrder_NobodyCanBePromoted_IsNothing()
    {
        Observe(0);

        Assert.Equal(0, Lacked(100_000_000));
        Assert.Equal(0, _lag.LackedAtTheOrder(RespReply.Null));
    }

    private static List<(string, bool)> Seconds(int count, Func<IEnumerable<(string, bool)>> second) =>
        [.. Enumerable.Range(0, count).SelectMany(_ => second())];

    // A thousand bytes are written each second.
    private IReadOnlyList<(string, bool)> Second(params (string Address, long Offset)[] replicas) => Observe(_offset += 1000, replicas);

    private IReadOnlyList<(string, bool)> Observe(long offset, params (string Address, long Offset)[] replicas)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return _lag.Observe(Role(offset, replicas));
    }

    // At the present moment.
    private long Lacked(long offset, params (string Address, long Offset)[] replicas)
    {
        var role = Role(offset, replicas);
        _lag.Observe(role);
        return _lag.LackedAtTheOrder(role);
    }

    private static RespReply Role(long offset, params (string Address, long Offset)[] replicas)
    {
        static RespReply Text(object text) => new($"{text}", []);
        var named = replicas.Select(replica => replica.Address.Split(':')).Zip(replicas,
            (address, replica) => new RespReply(null, [Text(address[0]), Text(address[1]), Text(replica.Offset)]));
        return new RespReply(null, [Text("master"), Text(offset), new RespReply(null, [.. named])]);
    }
}
