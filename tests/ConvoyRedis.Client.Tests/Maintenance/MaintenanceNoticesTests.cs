using ConvoyRedis.Client.Maintenance;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tests.Maintenance;

/// <summary>Whatever a server pushes is an announcement that can be acted upon, within bounds, or none.</summary>
public sealed class MaintenanceNoticesTests
{
    [Theory]
    [InlineData("MOVING 17 15 54.78.247.156:12075", "54.78.247.156", 12075)]
    [InlineData("MOVING 17 15 [::1]:6379", "::1", 6379)]
    [InlineData("MOVING 17 15 redis-1.example:6379", "redis-1.example", 6379)]
    public void Read_MovingWithAnAddress_GivesIt(string push, string host, int port) =>
        Assert.Equal(new EndpointMoves(17, TimeSpan.FromSeconds(15), new(host, port)), Read(push));

    // Null, empty, and what cannot be dialled: the endpoint's name decides.
    [Theory]
    [InlineData("MOVING 17 15 -")]
    [InlineData("MOVING 17 15")]
    [InlineData("MOVING 17 15 null")]
    [InlineData("MOVING 17 15 :6379")]
    [InlineData("MOVING 17 15 ?:6379")]
    [InlineData("MOVING 17 15 host:0")]
    [InlineData("MOVING 17 15 host:65536")]
    [InlineData("MOVING 17 15 ho\nst:6379")]
    public void Read_MovingWithoutAUsableAddress_LeavesItToTheName(string push) =>
        Assert.Equal(new EndpointMoves(17, TimeSpan.FromSeconds(15), null), Read(push));

    [Theory]
    [InlineData("MOVING 1 -5", 0)]
    [InlineData("MOVING 1 0", 0)]
    [InlineData("MOVING 1 999999999999", 120)]
    public void Read_MovingAtAnOddTime_IsBounded(string push, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.IsType<EndpointMoves>(Read(push)).Within);

    [Theory]
    [InlineData("MIGRATING 5 2 1,2", 2)]
    [InlineData("FAILING_OVER 5 -1 1", 10)]
    [InlineData("FAILING_OVER 5", 10)]
    [InlineData("FAILING_OVER x y", 10)]
    [InlineData("MIGRATING 5 9999", 30)]
    public void Read_LateAnswers_LastForTheAnnouncedTimeWithinBounds(string push, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.IsType<AnswersDelayed>(Read(push)).Lasts);

    [Theory]
    [InlineData("MIGRATED 5 1,2")]
    [InlineData("FAILED_OVER")]
    public void Read_EndOfLateAnswers_IsRead(string push) => Assert.IsType<AnswersRestored>(Read(push));

    [Theory]
    [InlineData("")]
    [InlineData("MOVING")]
    [InlineData("MOVING x 15 host:1")]
    [InlineData("MOVING 1 x host:1")]
    [InlineData("moving 1 15")]
    [InlineData("SMIGRATING 1 0-5")]
    [InlineData("invalidate key")]
    [InlineData("message other NotificationType|NodeMaintenanceStart")]
    [InlineData("message AzureRedisEvents -")]
    public void Read_AnythingElse_IsNoAnnouncement(string push) => Assert.Null(Read(push));

    [Fact]
    public void Read_NestedInPlaceOfTexts_IsNoAnnouncement() =>
        Assert.Null(MaintenanceNotices.Read(new RespReply(null, [new("MOVING", []), new(null, [new("1", [])]), new("1", [])], IsPush: true)));

    [Theory]
    [InlineData("NodeMaintenanceScheduled", "Scheduled")]
    [InlineData("NodeMaintenanceStarting", "Starting")]
    [InlineData("NodeMaintenanceStart", "Start")]
    [InlineData("NodeMaintenanceFailover", "FailoverComplete")]
    [InlineData("NodeMaintenanceFailoverComplete", "FailoverComplete")]
    [InlineData("NodeMaintenanceEnded", "Ended")]
    public void Azure_EachStep_IsRead(string type, string step) => Assert.Equal(
        new NodeMaintained(Enum.Parse<AzureStep>(step), new DateTimeOffset(2021, 3, 2, 23, 26, 57, TimeSpan.Zero), false),
        AzureNotice.Read($"NotificationType|{type}|StartTimeInUTC|2021-03-02T23:26:57|IsReplica|False|IPAddress||SSLPort|15001|NonSSLPort|13001"));

    [Theory]
    [InlineData("NotificationType|NodeMaintenanceStart|StartTimeInUTC||IsReplica|True", true)]
    [InlineData("junk|junk|IsReplica|true|NotificationType|NodeMaintenanceStart", true)]
    [InlineData("NotificationType|NodeMaintenanceStart|StartTimeInUTC|yesterday|IsReplica|j", false)]
    [InlineData("NotificationType|NodeMaintenanceStart|StartTimeInUTC|2021-03-02T23:26:57Z|IsReplica", false)]
    [InlineData("NotificationType|NodeMaintenanceStart|NotificationType|NodeMaintenanceEnded", false)]
    public void Azure_OddFields_CountAsMissing(string text, bool isReplica) => Assert.Equal(new NodeMaintained(AzureStep.Start, null, isReplica), AzureNotice.Read(text));

    [Theory]
    [InlineData("")]
    [InlineData("|")]
    [InlineData("NotificationType")]
    [InlineData("NotificationType|")]
    [InlineData("|NotificationType|NodeMaintenanceStart")]
    [InlineData("NotificationType|NodeMaintenanceStarting1")]
    [InlineData("NotificationType|NodeMaintenanceScaleComplete")]
    [InlineData("1|2|3")]
    public void Azure_AnythingElse_IsNoAnnouncement(string text) => Assert.Null(AzureNotice.Read(text));

    [Fact]
    public void Azure_TextTooLong_IsNoAnnouncement() =>
        Assert.Null(AzureNotice.Read("NotificationType|NodeMaintenanceStart|x|" + new string('x', AzureNotice.Longest)));

    [Theory]
    [InlineData("10.1.2.3", MovingEndpointType.Internal)]
    [InlineData("172.31.0.1", MovingEndpointType.Internal)]
    [InlineData("::ffff:192.168.1.1", MovingEndpointType.Internal)]
    [InlineData("fd00::1", MovingEndpointType.Internal)]
    [InlineData("172.32.0.1", MovingEndpointType.External)]
    [InlineData("54.78.247.156", MovingEndpointType.External)]
    [InlineData("2a05:d018::1", MovingEndpointType.External)]
    public void MovingEndpointType_OfAnAddress_IsThatOfItsNetwork(string address, string type) => Assert.Equal(type, MovingEndpointType.For(address));

    // Words, of which - is null.
    private static MaintenanceNotice? Read(string push) =>
        MaintenanceNotices.Read(new RespReply(null, [.. push.Split(' ').Select(word => new RespReply(word == "-" ? null : word, []))], IsPush: true));
}
