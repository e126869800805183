using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tests.Doubles;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Answers that real nodes give for moments only: who says "master" has not always taken over.</summary>
public sealed class ShardSuccessionTests : IAsyncDisposable
{
    private const string FormerId = "1111111111111111111111111111111111111111";
    private const string ReplicaId = "2222222222222222222222222222222222222222";

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(200);

    private readonly ScriptedNode _former = ScriptedNode.Start();
    private readonly ScriptedNode _replica = ScriptedNode.Start(isMaster: false);
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private string _state = "ok";
    private string _flags = "myself,master";
    private string _slots = "0-5460";
    private long _epoch = 4;
    private string _formerSlots = "";
    private bool _isElsewhere;

    public ShardSuccessionTests()
    {
        _former.Override = _ => Resp.Error("LOADING Redis is loading the dataset in memory");
        _replica.Override = command => command[0] != "CLUSTER" ? null : Resp.Bulk(command[1] == "INFO"
            ? $"cluster_state:{_state}\r\n"
            : $"{ReplicaId} {_replica!.Endpoint}@1 {_flags} {(_flags.Contains("slave", StringComparison.Ordinal) ? FormerId : "-")} 0 0 {_epoch} connected {_slots}\n"
                + $"{FormerId} {_former.Endpoint}@1 master,fail - 0 0 3 disconnected {_formerSlots}\n");
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Dispose();
        await _former.DisposeAsync();
        await _replica.DisposeAsync();
    }

    [Fact]
    public async Task Replica_HasTakenOver_IsTheSuccessor()
    {
        var succession = WaitAsync();
        _replica.IsMaster = true;

        Assert.Equal(_replica.Endpoint, (await succession)!.Myself!.Endpoint);
    }

    [Fact]
    public async Task Suspect_AnswersAgain_NobodySucceeds()
    {
        var succession = WaitAsync();
        _former.Override = _ => null;

        Assert.Null(await succession);
    }

    // A replica that was reset says that it is a master; one that is promoted says so a moment before it accepts commands.
    [Theory]
    [InlineData("slots")]
    [InlineData("epoch")]
    [InlineData("flags")]
    [InlineData("state")]
    [InlineData("the rest")]
    public async Task Replica_SaysMasterOnly_IsWaitedFor(string lacking)
    {
        Set(lacking, isRight: false);
        _replica.IsMaster = true;
        var succession = WaitAsync();

        await Task.Delay(Moment, TestContext.Current.CancellationToken);
        Assert.False(succession.IsCompleted);

        Set(lacking, isRight: true);
        Assert.NotNull(await succession);
    }

    [Fact]
    public async Task Suspect_IsAMasterElsewhere_NobodySucceeds()
    {
        var succession = WaitAsync();
        _isElsewhere = true;

        Assert.Null(await succession);
    }

    [Fact]
    public async Task Stop_NobodyAnswers_EndsIt()
    {
        var succession = WaitAsync();
        await _stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => succession);
    }

    private void Set(string what, bool isRight)
    {
        switch (what)
        {
            case "slots":
                _slots = isRight ? "0-5460" : "";
                break;
            case "epoch":
                _epoch = isRight ? 4 : 3;
                break;
            case "flags":
                _flags = isRight ? "myself,master" : "myself,slave";
                break;
            case "the rest":
                (_slots, _formerSlots) = isRight ? ("0-5460", "") : ("0", "1-5460");
                break;
            default:
                _state = isRight ? "ok" : "fail";
                break;
        }
    }

    private Task<ClusterLayout?> WaitAsync()
    {
        var target = new ConvoyRedisOptions { Host = "127.0.0.1", ConnectTimeout = TimeSpan.FromSeconds(1) }.Resolve();
        var dialer = new NodeDialer(NodeAccess.ToData(target, tls: null));
        ClusterMember Member(string id, ScriptedNode node, string? masterId, params SlotRange[] slots) =>
            new(id, node.Endpoint, null, IsMyself: false, IsFailing: false, IsLinked: true, masterId, 3, slots);
        return new ShardSuccession(
            Member(FormerId, _former, null, new SlotRange(0, 5460)), () => [Member(ReplicaId, _replica, FormerId)], () => _isElsewhere, dialer, TimeProvider.System).WaitAsync(_ => { }, _stop.Token);
    }
}
