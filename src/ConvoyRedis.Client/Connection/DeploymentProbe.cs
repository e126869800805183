using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Tests a deployment over a separate connection. StackExchange.Redis says little about why it does not connect; the probe finds out at once, and
/// names the setting to check.
/// </summary>
/// <param name="target">The deployment.</param>
/// <param name="nodes">Dials its nodes.</param>
/// <param name="time">The clock.</param>
internal sealed class DeploymentProbe(ConvoyRedisTarget target, NodeDialer nodes, TimeProvider time)
{
    /// <summary>Asks one node.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, or refused the connection.</exception>
    public async Task<NodeTraits> AskAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken)
    {
        using var transport = await nodes.DialAsync(node, cancellationToken).ConfigureAwait(false);
        return await NodeTraits.AskAsync(transport, target, time, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks whichever node is the master: a failover may be under way, and the master that the sentinels name be dead, or be replaced while it is asked. The
    /// links to the sentinels, and what they told, would be lost with the attempt.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">No master was reached in the time that a failover takes, or it refused the connection.</exception>
    public async Task<NodeTraits> AskMasterAsync(LogicalRoute route, CancellationToken cancellationToken)
    {
        // A dial that hangs must end before, to say why.
        var longest = MasterTracker.FailoverPatience + target.ConnectTimeout;
        using var patience = new Deadline(longest, time, cancellationToken);
        try
        {
            return await route.Attempts.UntilDoneAsync<NodeTraits>(async (master, current) =>
            {
                using var transport = await route.Plan.Masters.DialAsync(master, current).ConfigureAwait(false);
                return await NodeTraits.AskAsync(transport, target, time, current).ConfigureAwait(false);
            }, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw route.Attempts.LastFault ?? new ConvoyRedisConnectionException(
                ConvoyRedisFault.Unreachable, $"No master of {target} was found within {longest.TotalSeconds} s.");
        }
    }

    /// <summary>Asks all nodes of a cluster at the same time, and takes the first answer.</summary>
    /// <exception cref="ConvoyRedisConnectionException">No node answered; the message says why.</exception>
    public async Task<NodeTraits> AskAnyAsync(CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = target.Endpoints.Select(node => AskAsync(node, enough.Token)).ToList();
        NodeTraits? first = null;
        var faults = new List<ConvoyRedisConnectionException>();
        await foreach (var attempt in Task.WhenEach(attempts).ConfigureAwait(false))
        {
            if (attempt.IsCompletedSuccessfully)
            {
                first = await attempt.ConfigureAwait(false);
                break;
            }

            if (attempt.Exception?.InnerException is ConvoyRedisConnectionException fault)
                faults.Add(fault);
        }

        await enough.CancelAsync().ConfigureAwait(false);
        await ((Task)Task.WhenAll(attempts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (first is null && faults.Count == 0)
            await Task.WhenAll(attempts).ConfigureAwait(false);
        return first ?? throw new ConvoyRedisConnectionException(
            (faults.Find(fault => fault.IsFinal) ?? faults[0]).Fault,
            $"No node of the cluster accepts a connection. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}");
    }

    /// <summary>The target to connect to instead, when the single address belongs to a cluster.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The settings do not fit a cluster.</exception>
    public ConvoyRedisTarget AsCluster(ConvoyRedisEndpoint node)
    {
        if (node.IsUnixSocket)
            throw new ConvoyRedisConnectionException(ConvoyRedisFault.WrongServer, $"{node} is a cluster node. Set addresses to the hosts of the cluster: its nodes are reached over TCP.");
        return target.Database == 0
            ? target.AsCluster()
            : throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.WrongServer, $"{node} is a cluster node, and a cluster has only database 0. Set database to 0 (it is {target.Database}).");
    }
}
