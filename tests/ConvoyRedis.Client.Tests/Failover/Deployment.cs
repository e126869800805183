namespace ConvoyRedis.Client.Tests.Failover;

/// <summary>Three sentinels and three nodes; A begins as the master.</summary>
internal static class Deployment
{
    public static readonly ConvoyRedisEndpoint S1 = new("10.0.0.1", 26379);
    public static readonly ConvoyRedisEndpoint S2 = new("10.0.0.2", 26379);
    public static readonly ConvoyRedisEndpoint S3 = new("10.0.0.3", 26379);
    public static readonly ConvoyRedisEndpoint A = new("10.0.0.1", 6379);
    public static readonly ConvoyRedisEndpoint B = new("10.0.0.2", 6379);
    public static readonly ConvoyRedisEndpoint C = new("10.0.0.3", 6379);

    public static readonly TimeSpan HoldDeadline = TimeSpan.FromSeconds(2);
}
