using System.Net;

namespace ConvoyRedis.Client.Connection;

/// <summary>The names by which StackExchange.Redis knows what is behind the tunnel; nothing is dialled there.</summary>
internal static class LogicalEndpoints
{
    /// <summary>The endpoint that represents the master; null on a cluster, whose nodes are all real.</summary>
    public static DnsEndPoint? OfMaster(ConvoyRedisTarget target) => target.Topology switch
    {
        ConvoyRedisTopology.Standalone when target.Endpoints[0] is { IsUnixSocket: true } socket => new DnsEndPoint(socket.Host, MultiplexerOptions.DefaultPort),
        ConvoyRedisTopology.Standalone => new DnsEndPoint(target.Endpoints[0].Host, target.Endpoints[0].Port),
        ConvoyRedisTopology.Sentinel => new DnsEndPoint(target.MasterName!, MultiplexerOptions.DefaultPort),
        _ => null,
    };

    /// <summary>The endpoint that represents the replicas; null where nothing is to be read from them, and on a cluster.</summary>
    public static DnsEndPoint? OfReplicas(ConvoyRedisTarget target) =>
        target.ReadsReplicas && OfMaster(target) is { } master ? new DnsEndPoint($"{master.Host}-replica", master.Port) : null;
}
