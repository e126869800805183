using ConvoyRedis.Client.Configuration;
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

    public static ConfigurationOptions Create(
        ConvoyRedisTarget target, IReadOnlyList<string> refused, MasterTunnel tunnel, Action suspect, ConnectionContext context, Func<Credentials> credentials)
    {
        // What a caller may not set has been found when the settings were resolved.
        var options = CallersOptions.Create(target, problem => throw new InvalidOperationException(problem));
        options.Tunnel = tunnel;
        options.ReconnectRetryPolicy = new TunnelReconnectPolicy(() => tunnel.IsWaiting);
        options.RetryPolicy = tunnel.Route is null ? FailoverRetry.ClusterPolicy : FailoverRetry.Policy;
        options.LoggerFactory = new MaskingLoggerFactory(context.LoggerFactory, text => credentials().Masked(text));
        options.CircuitBreaker = new ErrorReplies(suspect, new WriteRefusals(context.Logger, context.Time, text => credentials().Shown(text)));

        // The handshake ends with ECHO and fails where that is refused; without ECHO it ends with another command.
        if (refused.Count > 0)
            options.CommandMap = CommandMap.Create([.. refused], available: false);
        if (tunnel.Route is { } route)
        {
            options.EndPoints.Add(route.Endpoint);
            if (tunnel.Replicas is { } replicas)
                options.EndPoints.Add(replicas.Endpoint);
        }

        return options;
    }
}
