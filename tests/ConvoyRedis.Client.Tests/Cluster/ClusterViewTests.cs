using ConvoyRedis.Client.Cluster;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Cluster;

public sealed class ClusterViewTests
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(5);

    private static readonly ClusterMember Master = Node("a", 7001, epoch: 3) with { Slots = [new SlotRange(0, 16383)] };
    private static readonly ClusterMember Replica = Node("b", 7002, epoch: 3) with { MasterId = "a" };
    private static readonly ClusterMember Successor = Node("b", 7002, epoch: 4) with { Slots = [new SlotRange(0, 16383)] };
    private static readonly ClusterLayout Before = new([Master, Replica]);
    private static readonly ClusterLayout After = new([Master with { Slots = [], IsFailing = true }, Successor]);

    private readonly FakeTimeProvider _time = new();
    private readonly ClusterView _view;

    public ClusterViewTests() => _view = new ClusterView(_time);

    [Fact]
    public void Adopt_AFailoverSince_TellsIt_ButAFirstLayoutTellsOfNoFailover()
    {
        Assert.Empty(_view.Adopt(Before).Successions);
        Assert.Equal([(Master, Successor)], _view.Adopt(After).Successions);
        Assert.Empty(_view.Adopt(After).Successions);
    }

    // A node that is cut off from the others still shows what was.
    [Fact]
    public void Adopt_ALowerEpoch_IsNotBelieved_UntilNobodyHasShownAHigherOneForLong()
    {
        _view.Adopt(After);

        _view.Adopt(Before);
        Assert.Equal(After, _view.Layout);

        _time.Advance(ClusterView.Authority);
        _view.Adopt(Before);
        Assert.Equal(Before, _view.Layout);
    }

    [Fact]
    public void Adopt_ANodeMore_IsNew()
    {
        Assert.True(_view.Adopt(Before).HasNewNodes);
        Assert.False(_view.Adopt(Before).HasNewNodes);
        Assert.True(_view.Adopt(new ClusterLayout([Master, Replica, Node("c", 7003, epoch: 0)])).HasNewNodes);
    }

    [Fact]
    public void IsOlderThan_UntilRead_AfterItsAge_AndNotSoonAfterARefusal()
    {
        Assert.True(_view.IsOlderThan(Age));
        _view.Adopt(Before);
        Assert.False(_view.IsOlderThan(Age));
        _time.Advance(Age);
        Assert.True(_view.IsOlderThan(Age));

        _view.NoteRefusal();
        Assert.False(_view.IsOlderThan(Age));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.True(_view.IsOlderThan(Age));
    }

    [Fact]
    public void Silence_OfAMaster_LastsUntilItAnswersOrIsReplaced()
    {
        Assert.Null(_view.NoteSilence(Master.Endpoint));
        _view.Adopt(Before);
        Assert.Null(_view.NoteSilence(Replica.Endpoint));
        Assert.Equal([Replica], _view.NoteSilence(Master.Endpoint)!.Replicas);
        _time.Advance(Age);
        _view.NoteSilence(Master.Endpoint);

        Assert.Equal(Age, Assert.Single(_view.Shards).Silence);
        _view.NoteAnswer(Master);
        Assert.Null(Assert.Single(_view.Shards).Silence);

        _view.NoteSilence(Master.Endpoint);
        _view.Adopt(After);
        Assert.Equal((Successor, null), (Assert.Single(_view.Shards).Master, _view.Shards[0].Silence));
    }

    [Fact]
    public void Replaced_UntilItReturns_OrSucceedsInItsTurn()
    {
        _view.NoteReplaced(Master, Successor);
        Assert.Equal([(Master, Successor)], _view.Replaced);

        var again = Master with { ConfigEpoch = 5 };
        _view.NoteReplaced(Successor, again);
        Assert.Equal([(Successor, again)], _view.Replaced);

        _view.NoteReturned(Successor);
        Assert.Empty(_view.Replaced);
    }

    [Fact]
    public void HasLeft_ANodeThatIsListedElsewhereOrNoMore()
    {
        _view.Adopt(After);
        Assert.False(_view.HasLeft(Master));
        Assert.False(_view.IsMasterElsewhere(Successor));
        Assert.True(_view.IsMasterElsewhere(Successor with { Endpoint = Master.Endpoint }));

        _view.Adopt(new ClusterLayout([Successor, Master with { Endpoint = new ConvoyRedisEndpoint("127.0.0.1", 7009) }]));
        Assert.True(_view.HasLeft(Master));
    }

    private static ClusterMember Node(string id, int port, long epoch) =>
        new(id, new ConvoyRedisEndpoint("127.0.0.1", port), null, IsMyself: false, IsFailing: false, IsLinked: true, MasterId: null, epoch, []);
}
