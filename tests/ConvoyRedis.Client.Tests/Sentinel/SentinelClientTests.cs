using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tests.Sentinel;

public sealed class SentinelClientTests
{
    private const string Unknown = "ERR No such master with that name";
    private const string NoLogin = "NOAUTH Authentication required.";

    private readonly SentinelReplies _replies = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private SentinelClient Client => _replies.Client;

    [Fact]
    public async Task GetMaster_Reply_IsRead()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Texts(
            "ip", "10.0.0.1", "port", "6379", "flags", "master,failover_in_progress", "num-slaves", "2", "num-other-sentinels", "4", "quorum", "3", "config-epoch", "7",
            "failover-state", "wait_promotion");

        var master = await Client.GetMasterAsync(Token);

        Assert.Equal(new MonitoredMaster(7, new("10.0.0.1", 6379), "master,failover_in_progress", 2, "4", "3", "wait_promotion"), master);
        Assert.Equal(["SENTINEL MASTER mymaster"], _replies.Asked);
    }

    [Fact]
    public async Task GetMaster_OnlyTheEpoch_LeavesTheRestOpen()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Texts("config-epoch", "7");

        Assert.Equal(new MonitoredMaster(7, null, "", null, null, null, null), await Client.GetMasterAsync(Token));
    }

    [Fact]
    public async Task GetMaster_Denied_IsNotShown()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Error("NOPERM this user has no permissions");

        Assert.Equal(new MonitoredMaster(0, null, "", null, null, null, null), await Client.GetMasterAsync(Token));
    }

    [Fact]
    public async Task GetMaster_WithoutAnEpoch_IsUnusable()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Texts("config-epoch", "no number");

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => Client.GetMasterAsync(Token));

        Assert.Equal(ConvoyRedisFault.NoMaster, fault.Fault);
        Assert.StartsWith("Sentinel 10.0.0.9:26379 knows the master 'mymaster', but returned no usable config-epoch. ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetMaster_Unknown_GivesNull()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Error(Unknown);

        Assert.Null(await Client.GetMasterAsync(Token));
    }

    [Fact]
    public async Task GetMaster_Refused_IsExplained()
    {
        _replies["SENTINEL MASTER"] = SentinelReplies.Error(NoLogin);

        Assert.Equal(ConvoyRedisFault.Authentication, (await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => Client.GetMasterAsync(Token))).Fault);
    }

    [Fact]
    public async Task GetMasterAddress_Reply_IsRead()
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Texts("10.0.0.1", "6379");

        Assert.Equal(new ConvoyRedisEndpoint("10.0.0.1", 6379), await Client.GetMasterAddressAsync(Token));
        Assert.Equal(["SENTINEL GET-MASTER-ADDR-BY-NAME mymaster"], _replies.Asked);
    }

    [Fact]
    public async Task GetMasterAddress_Unknown_GivesNull()
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = RespReply.Null;
        Assert.Null(await Client.GetMasterAddressAsync(Token));

        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Error(Unknown);
        Assert.Null(await Client.GetMasterAddressAsync(Token));
    }

    [Fact]
    public async Task GetMasterAddress_Refused_IsExplained()
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Error(NoLogin);

        Assert.Equal(ConvoyRedisFault.Authentication, (await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => Client.GetMasterAddressAsync(Token))).Fault);
    }

    [Fact]
    public async Task GetMasterAddress_Unusable_SaysWhatIsAnnounced()
    {
        _replies["SENTINEL GET-MASTER-ADDR-BY-NAME"] = SentinelReplies.Texts("10.0.0.1", "0");

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => Client.GetMasterAddressAsync(Token));

        Assert.Equal(ConvoyRedisFault.NoMaster, fault.Fault);
        Assert.Contains("knows the master 'mymaster', but announces ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetPromoted_OneOfSeveral_IsFoundByItsFlag()
    {
        _replies["SENTINEL REPLICAS"] = SentinelReplies.List(
            SentinelReplies.Texts("ip", "10.0.0.2", "port", "6379", "flags", "slave"),
            SentinelReplies.Texts("ip", "10.0.0.3", "port", "6380", "flags", "slave,promoted"),
            SentinelReplies.Texts("ip", "10.0.0.4", "port", "6379"));

        Assert.Equal(new ConvoyRedisEndpoint("10.0.0.3", 6380), await Client.GetPromotedAsync(Token));
    }

    [Fact]
    public async Task GetPromoted_NoneOrNotSaid_GivesNull()
    {
        _replies["SENTINEL REPLICAS"] = SentinelReplies.List(SentinelReplies.Texts("ip", "10.0.0.2", "port", "6379", "flags", "slave"));
        Assert.Null(await Client.GetPromotedAsync(Token));

        _replies["SENTINEL REPLICAS"] = SentinelReplies.Error("NOPERM");
        Assert.Null(await Client.GetPromotedAsync(Token));
    }

    [Theory]
    [InlineData("# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:1\r\n", true)]
    [InlineData("# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\n", false)]
    [InlineData("# Sentinel\r\nsentinel_masters:1\r\n", false)]
    public async Task IsInTilt_Info_SaysSo(string info, bool isInTilt)
    {
        _replies["INFO sentinel"] = SentinelReplies.Text(info);

        Assert.Equal(isInTilt, await Client.IsInTiltAsync(Token));
        Assert.Equal(["INFO sentinel"], _replies.Asked);
    }

    [Theory]
    [InlineData("NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master", true)]
    [InlineData(Unknown, false)]
    public async Task GetQuorumFault_Error_CountsOnlyIfItIsAboutTheQuorum(string error, bool isFault)
    {
        _replies["SENTINEL CKQUORUM"] = SentinelReplies.Error(error);

        Assert.Equal(isFault ? error : null, await Client.GetQuorumFaultAsync(Token));
    }

    [Fact]
    public async Task GetQuorumFault_Reachable_GivesNull()
    {
        _replies["SENTINEL CKQUORUM"] = SentinelReplies.Text("OK 3 usable Sentinels. Quorum and failover authorization can be reached");

        Assert.Null(await Client.GetQuorumFaultAsync(Token));
    }

    [Fact]
    public async Task GetId_Reply_IsTheId_AndAnErrorIsNone()
    {
        Assert.Null(await Client.GetIdAsync(Token));

        _replies["SENTINEL MYID"] = SentinelReplies.Text("abc");
        Assert.Equal("abc", await Client.GetIdAsync(Token));
    }

    [Fact]
    public async Task GetPeers_Reply_GivesThoseWithAnIdAndAnAddress()
    {
        _replies["SENTINEL SENTINELS"] = SentinelReplies.List(
            SentinelReplies.Texts("ip", "10.0.0.8", "port", "26379", "runid", "eight"),
            SentinelReplies.Texts("ip", "10.0.0.7", "port", "26379", "runid", ""),
            SentinelReplies.Texts("ip", "10.0.0.6", "port", "26379"),
            SentinelReplies.Texts("ip", "10.0.0.5", "port", "0", "runid", "five"));

        Assert.Equal([new SentinelPeer("eight", new("10.0.0.8", 26379))], await Client.GetPeersAsync(Token));
    }

    [Fact]
    public async Task GetPeers_NotSaid_GivesNull() => Assert.Null(await Client.GetPeersAsync(Token));

    [Fact]
    public async Task ExplainUnknownMaster_NamesTheOnesThatTheSentinelKnows()
    {
        _replies["SENTINEL MASTERS"] = SentinelReplies.List(
            [.. Enumerable.Range(0, 12).Select(number => SentinelReplies.Texts("name", $"m{11 - number:00}")), SentinelReplies.Texts("ip", "10.0.0.1")]);

        var fault = await Client.ExplainUnknownMasterAsync(Token);

        Assert.Equal(ConvoyRedisFault.UnknownMasterName, fault.Fault);
        Assert.Equal(
            "Sentinel 10.0.0.9:26379 does not know a master named 'mymaster' (it knows 'm00', 'm01', 'm02', 'm03', 'm04', 'm05', 'm06', 'm07', 'm08', 'm09'). "
            + "Check master_name (CONVOY_REDIS_SENTINEL_MASTER_NAME): it must be the name after 'sentinel monitor' in sentinel.conf.",
            fault.Message);
    }

    [Fact]
    public async Task ExplainUnknownMaster_NoneKnown_NamesNone() => Assert.StartsWith(
        "Sentinel 10.0.0.9:26379 does not know a master named 'mymaster'. Check", (await Client.ExplainUnknownMasterAsync(Token)).Message, StringComparison.Ordinal);
}
