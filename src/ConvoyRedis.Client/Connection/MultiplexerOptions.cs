using System.Net;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// The options of the multiplexer. Address, TLS and credentials are not among them: the tunnel handles them, so that StackExchange.Redis
/// has no secret that it could expose.
/// </summary>
internal static class MultiplexerOptions
{
    /// <summary>The port in the logical endpoint's name; nothing is dialled there.</summary>
    public const int DefaultPort = 6379;

    // Timeouts are noticed on a heartbeat, and after the first failure in a row only a heartbeat reconnects.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(250);

    public static ConfigurationOptions Create(
        ConvoyRedisTarget target, IReadOnlyList<string> refused, MasterTunnel tunnel, Action suspect, ConnectionContext context, Func<Credentials> credentials)
    {
        var timeout = (int)target.CommandTimeout.TotalMilliseconds;
        var options = new ConfigurationOptions
        {
            Tunnel = tunnel,
            AbortOnConnectFail = false,
            AsyncTimeout = timeout,
            SyncTimeout = timeout,
            ConnectTimeout = (int)target.ConnectTimeout.TotalMilliseconds,
            HeartbeatInterval = Heartbeat,
            ReconnectRetryPolicy = new TunnelReconnectPolicy(() => tunnel.IsWaiting),
            BacklogPolicy = BacklogPolicy.Default,
            RetryPolicy = tunnel.Route is null ? FailoverRetry.ClusterPolicy : FailoverRetry.Policy,
            DefaultDatabase = target.Database,
            ClientName = target.ClientName,
            LoggerFactory = new MaskingLoggerFactory(context.LoggerFactory, text => credentials().Masked(text)),
            CircuitBreaker = new ErrorReplies(suspect, new WriteRefusals(context.Logger, context.Time, text => credentials().Shown(text))),

            // RESP3 is the default of StackExchange.Redis 3; on it, subscriptions share the connection of the commands.
            Protocol = RedisProtocol.Resp2,

            // StackExchange.Redis clients inform each other of a new master this way; here the sentinels announce it.
            TieBreaker = "",
            ConfigurationChannel = "",
        };

        // The handshake ends with ECHO and fails where that is refused; without ECHO it ends with another command.
        if (refused.Count > 0)
            options.CommandMap = CommandMap.Create([.. refused], available: false);
        if (tunnel.Route is { } route)
        {
            options.EndPoints.Add(route.Endpoint);

            // Without ECHO, a master could not be shown as a replica.
            if (tunnel.Replicas is { } replicas && !refused.Contains("ECHO"))
                options.EndPoints.Add(replicas.Endpoint);
            return options;
        }

        foreach (var node in target.Endpoints)
            options.EndPoints.Add(new DnsEndPoint(node.Host, node.Port));
        return options;
    }
}
