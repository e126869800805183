namespace ConvoyRedis.Client.Tests.Configuration;

public sealed class ReplicaSettingsTests
{
    private const string ReadFrom = "CONVOY_REDIS_READ_FROM";
    private const string MaxLag = "CONVOY_REDIS_REPLICA_MAX_LAG";
    private const string Addresses = "CONVOY_REDIS_REPLICA_ADDRESSES";

    [Theory]
    [InlineData("redis://h", null, null, ConvoyRedisReadFrom.Master, false)]
    [InlineData("redis://h", "master", "r", ConvoyRedisReadFrom.Master, false)]
    [InlineData("redis://h", "replica", null, ConvoyRedisReadFrom.Replica, false)]
    [InlineData("redis://h", "prefer_master", "r", ConvoyRedisReadFrom.PreferMaster, true)]
    [InlineData("redis-sentinel://s?master=m", "prefer_replica", null, ConvoyRedisReadFrom.PreferReplica, true)]
    [InlineData("redis-sentinel://s?master=m", "master", null, ConvoyRedisReadFrom.Master, false)]
    [InlineData("redis://a,redis://b", "replica", "r", ConvoyRedisReadFrom.Replica, false)]
    public void Resolve_ReadFrom_NeedsAnEndpointOfReplicas_WhereSomebodyNamesThem(
        string url, string? readFrom, string? replicas, ConvoyRedisReadFrom expected, bool readsReplicas)
    {
        var target = Loading.Environment(
            [("CONVOY_REDIS_CLUSTER_ADDRESSES", url), .. Set(ReadFrom, readFrom), .. Set(Addresses, replicas)]).Resolve();

        Assert.Equal((expected, readsReplicas), (target.ReadFrom, target.ReadsReplicas));
    }

    [Theory]
    [InlineData("2s", true)]
    [InlineData("1999ms", false)]
    public void Resolve_MaxLag_IsAtLeastTwoSeconds(string lag, bool isRight)
    {
        var failures = Loading.Failures(Loading.Environment((ReadFrom, "replica"), (Addresses, "r"), (MaxLag, lag)));

        if (isRight)
            Assert.Empty(failures);
        else
            Assert.StartsWith($"{MaxLag} (environment): '{lag}' must be at least 2s: how far replicas are behind is found out once a second.", failures[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_WrongReplicaAddress_IsAProblemWithItsSource()
    {
        var failures = Loading.Failures(Loading.Environment((ReadFrom, "replica"), (Addresses, "r:x")));

        Assert.StartsWith($"{Addresses} (environment): ", failures[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_ReplicaAddresses_HaveTheDefaultPort_AndMayHaveSpaces() => Assert.Equal(
        ["r1:6379", "r2:7000"],
        Loading.Environment((ReadFrom, "replica"), (Addresses, " r1, r2:7000 ")).Resolve().ReplicaAddresses.Select(replica => replica.ToString()));

    [Fact]
    public void Resolve_ReadFromMaster_WarnsOfWhatHasNoEffect() => Assert.Equal(
        [$"{MaxLag} (environment) has no effect: read_from is master.", $"{Addresses} (environment) has no effect: read_from is master."],
        Loading.Environment((MaxLag, "5s"), (Addresses, "r")).Resolve().Warnings);

    [Fact]
    public void Resolve_Sentinels_WarnOfReplicaAddresses() => Assert.Equal(
        [$"{Addresses} (environment) has no effect: only a single server uses it; sentinels and clusters name their replicas."],
        Loading.Environment(
            ("CONVOY_REDIS_SCHEME", "redis-sentinel"), ("CONVOY_REDIS_CLUSTER_ADDRESSES", "s"), ("CONVOY_REDIS_SENTINEL_MASTER_NAME", "m"), (ReadFrom, "replica"),
            (Addresses, "r"), (MaxLag, "5s")).Resolve().Warnings);

    private static (string Name, string Value)[] Set(string variable, string? value) => value is null ? [] : [(variable, value)];
}
