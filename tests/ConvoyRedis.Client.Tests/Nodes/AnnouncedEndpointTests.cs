using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tests.Nodes;

public sealed class AnnouncedEndpointTests
{
    [Theory]
    [InlineData("10.0.0.1", "1")]
    [InlineData("redis-1.internal", "65535")]
    [InlineData("2001:db8::1", "6379")]
    public void TryRead_UsableAddress_IsRead(string host, string port)
    {
        Assert.True(AnnouncedEndpoint.TryRead(host, port, out var endpoint, out var problem));

        Assert.Null(problem);
        Assert.Equal(host, endpoint.Host);
        Assert.Equal(port, $"{endpoint.Port}");
    }

    [Theory]
    [InlineData(null, "6379", "host")]
    [InlineData("", "6379", "host")]
    [InlineData("a host", "6379", "host")]
    [InlineData("host\u0007", "6379", "host")]
    [InlineData("10.0.0.1", null, "port")]
    [InlineData("10.0.0.1", "", "port")]
    [InlineData("10.0.0.1", "0", "port")]
    [InlineData("10.0.0.1", "70000", "port")]
    [InlineData("10.0.0.1", "-1", "port")]
    [InlineData("10.0.0.1", " 6379", "port")]
    [InlineData("10.0.0.1", "99999999999999999999", "port")]
    public void TryRead_UnusableAddress_NamesTheProblemWithoutQuotingThePeer(string? host, string? port, string part)
    {
        Assert.False(AnnouncedEndpoint.TryRead(host, port, out _, out var problem));

        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.Null(AnnouncedEndpoint.Read(host, port));
    }

    [Fact]
    public void TryRead_HostLongerThanADnsName_IsRefused()
    {
        Assert.True(AnnouncedEndpoint.TryRead(new string('a', 253), "6379", out _, out _));
        Assert.False(AnnouncedEndpoint.TryRead(new string('a', 254), "6379", out _, out _));
    }
}
