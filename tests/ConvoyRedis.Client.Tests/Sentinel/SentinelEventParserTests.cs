using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Sentinel;

namespace ConvoyRedis.Client.Tests.Sentinel;

public sealed class SentinelEventParserTests
{
    private static readonly ConvoyRedisEndpoint Sentinel = new("10.0.0.9", 26379);
    private static readonly ConvoyRedisEndpoint Old = new("127.0.0.1", 7101);
    private static readonly ConvoyRedisEndpoint New = new("127.0.0.1", 7103);

    // Texts as Redis 7.0.15 published them.
    [Theory]
    [InlineData("+odown", "master mymaster 127.0.0.1 7101 #quorum 2/2", nameof(SentinelEventKind.ObjectivelyDown), false)]
    [InlineData("-odown", "master mymaster 127.0.0.1 7101", nameof(SentinelEventKind.ObjectivelyUp), false)]
    [InlineData("+selected-slave", "slave 127.0.0.1:7103 127.0.0.1 7103 @ mymaster 127.0.0.1 7101", nameof(SentinelEventKind.CandidateSelected), true)]
    [InlineData("+failover-state-send-slaveof-noone", "slave 127.0.0.1:7103 127.0.0.1 7103 @ mymaster 127.0.0.1 7101", nameof(SentinelEventKind.PromotionOrdered), true)]
    [InlineData("+failover-state-wait-promotion", "slave 127.0.0.1:7103 127.0.0.1 7103 @ mymaster 127.0.0.1 7101", nameof(SentinelEventKind.PromotionOrdered), true)]
    [InlineData("+promoted-slave", "slave 127.0.0.1:7103 127.0.0.1 7103 @ mymaster 127.0.0.1 7101", nameof(SentinelEventKind.MasterSwitched), true)]
    [InlineData("+config-update-from", "sentinel eebb5277c19e 127.0.0.1 7202 @ mymaster 127.0.0.1 7101", nameof(SentinelEventKind.MasterSwitched), false)]
    [InlineData("+switch-master", "mymaster 127.0.0.1 7101 127.0.0.1 7103", nameof(SentinelEventKind.MasterSwitched), true)]
    [InlineData("-failover-abort-slave-timeout", "master mymaster 127.0.0.1 7101", nameof(SentinelEventKind.FailoverAborted), false)]
    [InlineData("-failover-abort-not-elected", "master mymaster 127.0.0.1 7101", nameof(SentinelEventKind.FailoverAborted), false)]
    [InlineData("-failover-abort-no-good-slave", "master mymaster 127.0.0.1 7101", nameof(SentinelEventKind.FailoverAborted), false)]
    [InlineData("-monitor", "master mymaster 127.0.0.1 7101", nameof(SentinelEventKind.MonitorChanged), false)]
    [InlineData("+monitor", "master mymaster 127.0.0.1 7101 quorum 2", nameof(SentinelEventKind.MonitorChanged), false)]
    public void Parse_EventOfOurMaster_GivesKindMasterAndCandidate(string channel, string text, string kind, bool namesCandidate) =>
        Assert.Equal(
            new SentinelEvent(Sentinel, Enum.Parse<SentinelEventKind>(kind), Old, namesCandidate ? New : null),
            SentinelEventParser.Parse(Sentinel, "mymaster", channel, text));

    [Theory]
    [InlineData("+odown", "master other 127.0.0.1 7101 #quorum 2/2")]
    [InlineData("+switch-master", "other 127.0.0.1 7101 127.0.0.1 7103")]
    [InlineData("+selected-slave", "slave 127.0.0.1:7103 127.0.0.1 7103 @ other 127.0.0.1 7101")]
    [InlineData("+switch-master", "mymaster 127.0.0.1")]
    [InlineData("+odown", "")]
    [InlineData("+odown", "@ mymaster 127.0.0.1 7101")]
    [InlineData("+odown", "slave a b @ mymaster 127.0.0.1 7101")]
    [InlineData("+selected-slave", "slave 127.0.0.1:7103 127.0.0.1 7103 @ mymaster 127.0.0.1")]
    [InlineData("+sdown", "master mymaster 127.0.0.1 7101")]
    public void Parse_AnotherMasterOrNothingToActOn_GivesNull(string channel, string text) =>
        Assert.Null(SentinelEventParser.Parse(Sentinel, "mymaster", channel, text));

    [Fact]
    public void Channels_AreThoseWithAMeaning_AndTheOthersOnce()
    {
        Assert.Equal(
            ["+odown", "-odown", "+selected-slave", "+failover-state-send-slaveof-noone", "+failover-state-wait-promotion", "+promoted-slave", "+switch-master",
                "+config-update-from", "-failover-abort-not-elected", "-failover-abort-no-good-slave", "-failover-abort-slave-timeout", "+monitor", "-monitor"],
            SentinelEventParser.Channels);
        Assert.Equal(
            ["+sdown", "-sdown", "+slave", "+sentinel", "+sentinel-address-switch", "+set", "+reset-master", "+try-failover", "+tilt", "-tilt"],
            SentinelEventParser.OtherChannels);
    }

    [Fact]
    public void Parse_IPv6_GivesTheAddress()
    {
        var published = SentinelEventParser.Parse(Sentinel, "m", "+switch-master", "m ::1 7101 2001:db8::7 7103");

        Assert.Equal(new ConvoyRedisEndpoint("2001:db8::7", 7103), published?.Candidate);
    }
}
