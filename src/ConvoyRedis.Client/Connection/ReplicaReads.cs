using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Replicas;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>What a connection needs to read from replicas: an endpoint that represents them, and flags on its commands.</summary>
/// <param name="tunnel">Owns the streams.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class ReplicaReads(MasterTunnel tunnel, ConnectionContext context)
{
    /// <summary>Adds the endpoint to a tunnel, before the multiplexer is created.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="refused">The commands that its servers refuse.</param>
    /// <param name="monitor">Leads the endpoint.</param>
    public void Add(ConvoyRedisTarget target, IReadOnlyList<string> refused, ReplicaMonitor? monitor)
    {
        if (LogicalEndpoints.OfReplicas(target) is not { } endpoint)
            return;

        // Without ECHO, a master could not be shown as a replica (ReplicaVeil).
        if (refused.Contains("ECHO"))
            Log.ReplicasNeedEcho(context.Logger);
        else
            monitor?.Attach(tunnel.AddReplicas(endpoint));
    }

    /// <summary>Routes the commands of a multiplexer, and waits for a moment until it is known where reads go.</summary>
    public async Task<IConnectionMultiplexer> RouteAsync(
        IConnectionMultiplexer multiplexer, ConvoyRedisTarget target, ReplicaMonitor? monitor, CancellationToken cancellationToken)
    {
        if (target.ReadFrom == ConvoyRedisReadFrom.Master)
            return multiplexer;
        if (tunnel.Replicas is not null && monitor is not null)
            await monitor.IsLed.WaitAsync(ReplicaMonitor.Period, context.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new RoutingMultiplexer(
            multiplexer, new ReadRouting(target.ReadFrom, () => target.Topology == ConvoyRedisTopology.Cluster || tunnel.Replicas is { IsOnReplica: true }));
    }

    /// <summary>Goes on at the master of another deployment, until its monitor leads elsewhere. What is in flight is answered before.</summary>
    public async Task SwitchAsync(ConvoyRedisTarget target, ConvoyRedisEndpoint master, CancellationToken cancellationToken)
    {
        if (tunnel.Replicas is not { } route)
        {
            // StackExchange.Redis takes up no further endpoint.
            if (target.ReadsReplicas)
                Log.RestartRequired(context.Logger, "reads from replicas");
            return;
        }

        try
        {
            using var patience = new Deadline(ReplicaMonitor.Period, context.Time, cancellationToken);
            await route.MoveAsync(master, _ => Task.FromResult(true), patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ConvoyRedisConnectionException or OperationCanceledException)
        {
            route.Leave();
        }
    }
}
