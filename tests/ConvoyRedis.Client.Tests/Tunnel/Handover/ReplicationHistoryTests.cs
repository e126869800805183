using ConvoyRedis.Shared;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>What a node tells of its history, whatever it tells.</summary>
public sealed class ReplicationHistoryTests
{
    private const string Whole = "# Replication\r\nrole:master\r\nmaster_replid:a\r\nmaster_replid2:b\r\nmaster_repl_offset:700\r\nsecond_repl_offset:501\r\n";

    [Fact]
    public void Read_Whole_IsRead() => Assert.Equal(new ReplicationHistory("a", 700, "b", 500), ReplicationHistory.Read(new NodeInfo(Whole)));

    [Fact]
    public void Read_FieldTwice_TakesTheFirst() =>
        Assert.Equal(700, ReplicationHistory.Read(new NodeInfo($"{Whole}master_repl_offset:3\r\nmaster_replid:c\r\n"))?.Offset);

    [Theory]
    [InlineData("700", "-1")]
    [InlineData("700", "many")]
    [InlineData("700", "9223372036854775808")]
    [InlineData("501", "-9223372036854775808")]
    [InlineData("master_replid2:b", "")]
    public void Read_MissingOrOutOfRange_IsNone(string part, string other) =>
        Assert.Null(ReplicationHistory.Read(new NodeInfo(Whole.Replace(part, other, StringComparison.Ordinal))));
}
