using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>The destination of a switch after a change of the settings: the new master is located and tested before anything is moved.</summary>
/// <param name="Dialers">Dial the deployment's servers.</param>
/// <param name="Monitor">Watches its master.</param>
/// <param name="Master">The master.</param>
internal sealed record SwitchDestination(DeploymentDialers Dialers, SharedMonitor Monitor, ConvoyRedisEndpoint Master)
{
    /// <summary>Locates the master and tests it.</summary>
    /// <param name="target">Where to switch to.</param>
    /// <param name="refused">The commands that the multiplexer already works without.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    /// <param name="tunnel">The tunnel of the route to switch.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ConvoyRedisConnectionException">It cannot be reached, or the running multiplexer cannot be switched to it.</exception>
    public static async Task<SwitchDestination> PrepareAsync(
        ConvoyRedisTarget target, IReadOnlyList<string> refused, ConnectionContext context, MasterTunnel tunnel, CancellationToken cancellationToken)
    {
        var dialers = new DeploymentDialers(target, context.Time);
        SharedMonitor? monitor = null;
        try
        {
            monitor = SharedMonitor.Join(target, context);
            using var patience = new Deadline(target.CommandTimeout, context.Time, cancellationToken);
            if (monitor.Coordinator is { } coordinator)
                await coordinator.WaitForMasterAsync(patience.Token).ConfigureAwait(false);
            var master = monitor.Coordinator?.View.Master ?? target.Endpoints[0];
            Require(await new DeploymentProbe(target, dialers.Nodes, context.Time).AskAsync(master, patience.Token).ConfigureAwait(false), master, refused);
            return new SwitchDestination(dialers, monitor, master);
        }
        catch (Exception exception)
        {
            if (monitor is not null)
                await monitor.LeaveAsync(tunnel).ConfigureAwait(false);
            dialers.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new ConvoyRedisConnectionException(
                    ConvoyRedisFault.Unreachable, $"No master of {target} was found within {target.CommandTimeout.TotalSeconds} s.");
            }

            throw;
        }
    }

    /// <summary>Discards the destination.</summary>
    public async ValueTask DiscardAsync(MasterTunnel tunnel)
    {
        await Monitor.LeaveAsync(tunnel).ConfigureAwait(false);
        Dialers.Dispose();
    }

    private static void Require(NodeTraits traits, ConvoyRedisEndpoint master, IReadOnlyList<string> refused)
    {
        if (traits.Refused.Except(refused).ToList() is { Count: > 0 } missing)
        {
            throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.Permission,
                $"{master} refuses {string.Join(" and ", missing)}. Restart the process: a new connection works without these commands.");
        }

        if (traits.IsOfCluster)
        {
            throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.WrongServer, $"{master} is a node of a cluster. Restart the process to connect to the cluster.");
        }
    }
}
