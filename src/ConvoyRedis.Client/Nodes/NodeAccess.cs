using System.Net;
using Resolver = System.Func<string, System.Threading.CancellationToken, System.Threading.Tasks.Task<System.Net.IPAddress[]>>;

namespace ConvoyRedis.Client.Nodes;

/// <summary>How one side of a deployment, its data nodes or its sentinels, is reached: credentials, and TLS or not.</summary>
internal sealed class NodeAccess
{
    private NodeAccess(string side, Credentials credentials, TlsMaterial? tls, ConvoyRedisTarget target, Resolver? resolve, TimeProvider? time)
    {
        Side = side;
        Credentials = credentials;
        Tls = tls;
        ConnectTimeout = target.ConnectTimeout;
        AddressMap = target.AddressMap;
        Configured = target.Endpoints;
        Resolve = resolve ?? Dns.GetHostAddressesAsync;
        Time = time ?? TimeProvider.System;
    }

    public Credentials Credentials { get; }

    public TlsMaterial? Tls { get; }

    public TimeSpan ConnectTimeout { get; }

    /// <summary>What the settings of this side begin with, for messages: nothing, or <c>sentinel_</c>.</summary>
    public string Side { get; }

    /// <summary>Whether the nodes of this side are masters or replicas, and not sentinels.</summary>
    public bool HasRoles => Side.Length == 0;

    /// <summary>Gives the addresses of a host name: the system's resolver, unless a test has one of its own.</summary>
    public Resolver Resolve { get; }

    /// <summary>The clock of timeouts.</summary>
    public TimeProvider Time { get; }

    private IReadOnlyDictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> AddressMap { get; }

    private IReadOnlyList<ConvoyRedisEndpoint> Configured { get; }

    public static NodeAccess ToData(ConvoyRedisTarget target, TlsMaterial? tls, Resolver? resolve = null, TimeProvider? time = null) =>
        new("", new Credentials(target.Username, target.Password), tls, target, resolve, time);

    /// <summary>Access to the sentinels; the data password is never sent to them.</summary>
    public static NodeAccess ToSentinels(ConvoyRedisTarget target, TlsMaterial? tls, Resolver? resolve = null, TimeProvider? time = null) =>
        new("sentinel_", new Credentials(target.SentinelUsername, target.SentinelPassword), tls, target, resolve, time);

    /// <summary>Whether the settings name this node, and not only other servers.</summary>
    public bool IsConfigured(ConvoyRedisEndpoint node) => Configured.Contains(node);

    /// <summary>The address at which an announced address is reachable from here.</summary>
    public ConvoyRedisEndpoint Reachable(ConvoyRedisEndpoint announced) => AddressMap.GetValueOrDefault(announced, announced);
}
