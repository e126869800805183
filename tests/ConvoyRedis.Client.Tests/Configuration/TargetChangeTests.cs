using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Which change of the settings is a switch, which requires a restart, and which is only another login.</summary>
public sealed class TargetChangeTests
{
    private const string Sentinel = """{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p" }""";
    private const string NodesOfCluster = "the nodes of a cluster, or their TLS";

    [Theory]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s3", "master_name": "m", "password": "p" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "n", "password": "p" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "tls": true }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "address_map": "a:1=b:2" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "failover_mode": "announced" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "p", "connect_timeout": "1s" }""")]
    [InlineData("""{ "host": "s1" }""")]
    public void Effect_OtherAddressesOrAnotherWayThere_IsASwitchWithoutARestart(string to)
    {
        var change = new TargetChange(Target(Sentinel), Target(to));

        Assert.Equal(ChangeEffect.Switch, change.Effect);
        Assert.Empty(change.RequiresRestart);
    }

    [Theory]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "password": "q" }""")]
    [InlineData("""{ "scheme": "redis-sentinel", "host": "s1,s2", "master_name": "m", "username": "u", "password": "p", "sentinel_password": "x" }""")]
    public void Effect_OtherLogin_IsNoSwitch(string to) =>
        Assert.Equal(ChangeEffect.Credentials, new TargetChange(Target(Sentinel), Target(to)).Effect);

    [Theory]
    [InlineData("""{ "host": "a", "database": 3 }""", "database")]
    [InlineData("""{ "host": "a", "client_name": "x" }""", "client_name")]
    [InlineData("""{ "host": "a", "command_timeout": "20s" }""", "command_timeout")]
    [InlineData("""{ "addresses": "a:1,b:1" }""", NodesOfCluster)]
    public void RequiresRestart_WhatStackExchangeRedisIsToldOnce_IsNamed(string to, string setting)
    {
        var change = new TargetChange(Target("""{ "host": "a" }"""), Target(to));

        Assert.Equal([setting], change.RequiresRestart);
        Assert.Equal(ChangeEffect.Restart, change.Effect);
    }

    [Fact]
    public void IsNone_SameSettingsFromOtherSources_IsTrue()
    {
        var change = new TargetChange(Target("""{ "host": "a", "database": 0 }"""), Target("""{ "addresses": ["a:6379"] }"""));

        Assert.True(change.IsNone);
        Assert.Equal(ChangeEffect.None, change.Effect);
    }

    [Fact]
    public void Taken_RequiresARestart_StaysAndTheRestIsTakenOver()
    {
        var from = Target("""{ "host": "a", "password": "p" }""");
        var to = Target("""{ "host": "b", "password": "q", "database": 3, "client_name": "x", "command_timeout": "20s" }""");

        var taken = new TargetChange(from, to).Taken;

        Assert.Equal(("b", "q"), (Assert.Single(taken.Endpoints).Host, taken.Password));
        Assert.Equal((0, from.ClientName, from.CommandTimeout), (taken.Database, taken.ClientName, taken.CommandTimeout));
        Assert.Equal(["database", "client_name", "command_timeout"], new TargetChange(taken, to).RequiresRestart);
        Assert.Equal(to.Sources, taken.Sources);
    }

    [Theory]
    [InlineData("""{ "host": "c", "password": "q" }""", "p", ChangeEffect.Restart)]
    [InlineData("""{ "addresses": "a:1,b:2", "password": "q" }""", "p", ChangeEffect.Restart)]
    [InlineData("""{ "addresses": "a:1,b:1", "password": "q", "tls": true }""", "q", ChangeEffect.Credentials)]
    public void Taken_OtherCluster_IsTheSameOne_WhichIsShownNoLoginForOthers(string to, string password, object effect)
    {
        var change = new TargetChange(Target("""{ "addresses": "a:1,b:1", "password": "p" }"""), Target(to));

        Assert.Equal((ConvoyRedisTopology.Cluster, false, password), (change.Taken.Topology, change.Taken.Tls, change.Taken.Password));
        Assert.Equal(["a:1", "b:1"], change.Taken.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal([NodesOfCluster], change.RequiresRestart);
        Assert.Equal(effect, change.Effect);
    }

    [Theory]
    [InlineData("scheme", "rediss")]
    [InlineData("addresses", "a:1,c:1")]
    [InlineData("tls", "true")]
    [InlineData("tls_server_name", "x")]
    [InlineData("address_map", "a:1=c:1")]
    [InlineData("connect_timeout", "1s")]
    [InlineData("hold_deadline", "1s")]
    [InlineData("failover_mode", "announced")]
    public void Effect_SwitchOfACluster_RequiresARestartInstead(string key, string value)
    {
        var from = Target("""{ "addresses": "a:1,b:1" }""");
        var to = Target(key == "addresses" ? $$"""{ "addresses": "{{value}}" }""" : $$"""{ "addresses": "a:1,b:1", "{{key}}": "{{value}}" }""");

        var change = new TargetChange(from, to);

        Assert.Equal(ChangeEffect.Restart, change.Effect);
        Assert.Equal([NodesOfCluster], change.RequiresRestart);
        Assert.True(new TargetChange(from, change.Taken).IsNone);
    }

    [Theory]
    [InlineData("""{ "host": "a", "command_timeout": "2s" }""", """{ "host": "a", "command_timeout": "15s" }""")]
    [InlineData("""{ "addresses": "a,b", "command_timeout": "2s" }""", """{ "addresses": "a,b", "command_timeout": "15s" }""")]
    public void Taken_OtherCommandTimeout_KeepsTheHoldDeadlineThatWasCheckedAgainstIt(string before, string after)
    {
        var (from, to) = (Target(before), Target(after));
        var change = new TargetChange(from, to);

        Assert.NotEqual(from.HoldDeadline, to.HoldDeadline);
        Assert.Equal(from.HoldDeadline, change.Taken.HoldDeadline);
        Assert.Equal(ChangeEffect.Restart, change.Effect);
        Assert.Equal(["command_timeout"], change.RequiresRestart);
    }

    [Fact]
    public void Effect_OtherContentsOfTheTlsFiles_IsASwitchAndOnAClusterRequiresARestart()
    {
        var cluster = Target("""{ "addresses": "a:1,b:1" }""");
        var standalone = Target("""{ "host": "a" }""");
        var onCluster = new TargetChange(cluster, cluster, areFilesNew: true);
        var onStandalone = new TargetChange(standalone, standalone, areFilesNew: true);

        Assert.Equal((ChangeEffect.Restart, ChangeEffect.Switch), (onCluster.Effect, onStandalone.Effect));
        Assert.Equal([NodesOfCluster], onCluster.RequiresRestart);
        Assert.Empty(onStandalone.RequiresRestart);
        Assert.False(onCluster.IsNone);
    }

    private static ConvoyRedisTarget Target(string redis)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("convoy.json", $$"""{ "redis": {{redis}} }""");
        return ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = path, Environment = new Dictionary<string, string?>() }).Resolve();
    }
}
