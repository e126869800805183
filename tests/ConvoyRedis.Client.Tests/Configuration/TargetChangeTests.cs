using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Which change of the settings is a switch, which takes a new start, and which is only another login.</summary>
public sealed class TargetChangeTests
{
    private const string Sentinel = """{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p" }""";

    [Theory]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s3", "master_name": "m", "password": "p" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "n", "password": "p" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "tls": true }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "address_map": "a:1=b:2" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "failover_mode": "announced" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "connect_timeout": "1s" }""")]
    [InlineData("""{ "host": "s1" }""")]
    public void IsElsewhere_OtherAddressesOrWays_IsASwitchWithoutARestart(string to)
    {
        Assert.True(TargetChange.IsElsewhere(Target(Sentinel), Target(to)));
        Assert.Empty(TargetChange.NeedRestart(Target(Sentinel), Target(to)));
    }

    [Theory]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "q" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "username": "u", "password": "p", "sentinel_password": "x" }""")]
    public void IsElsewhere_OtherLogin_IsNoSwitch(string to) => Assert.False(TargetChange.IsElsewhere(Target(Sentinel), Target(to)));

    [Theory]
    [InlineData("""{ "host": "a", "database": 3 }""", "database")]
    [InlineData("""{ "host": "a", "client_name": "x" }""", "client_name")]
    [InlineData("""{ "host": "a", "command_timeout": "20s" }""", "command_timeout")]
    [InlineData("""{ "addresses": "a:1,b:1" }""", "the nodes of a cluster, or their TLS")]
    public void NeedRestart_WhatStackExchangeRedisIsToldOnce_IsNamed(string to, string setting) =>
        Assert.Equal([setting], TargetChange.NeedRestart(Target("""{ "host": "a" }"""), Target(to)));

    [Fact]
    public void WithoutRestart_TakesOverTheRestAlone()
    {
        var from = Target("""{ "host": "a", "password": "p" }""");
        var to = Target("""{ "host": "b", "password": "q", "database": 3, "client_name": "x", "command_timeout": "20s" }""");

        var taken = TargetChange.WithoutRestart(from, to);

        Assert.Equal(("b", "q"), (Assert.Single(taken.Endpoints).Host, taken.Password));
        Assert.Equal((0, from.ClientName, from.CommandTimeout), (taken.Database, taken.ClientName, taken.CommandTimeout));
        Assert.Equal(["database", "client_name", "command_timeout"], TargetChange.NeedRestart(taken, to));
    }

    [Theory]
    [InlineData("""{ "host": "c", "password": "q" }""", "p")]
    [InlineData("""{ "addresses": "a:1,b:1", "password": "q", "tls": true }""", "q")]
    public void WithoutRestart_OtherCluster_IsTheSameOne_WhichIsShownNoLoginForOthers(string to, string password)
    {
        var taken = TargetChange.WithoutRestart(Target("""{ "addresses": "a:1,b:1", "password": "p" }"""), Target(to));

        Assert.Equal((ConvoyRedisTopology.Cluster, false, password), (taken.Topology, taken.Tls, taken.Password));
        Assert.Equal(["a", "b"], taken.Endpoints.Select(endpoint => endpoint.Host));
    }

    [Fact]
    public void WithoutRestart_OtherCommandTimeout_KeepsTheHoldDeadlineThatWasCheckedAgainstIt()
    {
        var from = Target("""{ "host": "a", "command_timeout": "2s" }""");
        var to = Target("""{ "host": "a", "command_timeout": "15s" }""");

        Assert.NotEqual(from.HoldDeadline, to.HoldDeadline);
        Assert.Equal(from.HoldDeadline, TargetChange.WithoutRestart(from, to).HoldDeadline);
        Assert.False(TargetChange.IsElsewhere(from, TargetChange.WithoutRestart(from, to)));
    }

    [Fact]
    public void NeedRestart_OtherTlsFilesOfACluster_IsNamed()
    {
        var cluster = Target("""{ "addresses": "a:1,b:1" }""");

        Assert.Equal(["the nodes of a cluster, or their TLS"], TargetChange.NeedRestart(cluster, cluster, isTlsNew: true));
        Assert.Empty(TargetChange.NeedRestart(Target("""{ "host": "a" }"""), Target("""{ "host": "a" }"""), isTlsNew: true));
    }

    private static ConvoyRedisTarget Target(string redis)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("convoy.json", $$"""{ "redis": {{redis}} }""");
        return ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = path, Environment = new Dictionary<string, string?>() }).Resolve();
    }
}
