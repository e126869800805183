using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Finds out who takes over from a master of a cluster that does not answer. Its replicas are asked for their ROLE until one is a master; whether it
/// really has taken over, its own view of the cluster decides. The suspect is asked too: it may only have been slow.
/// </summary>
/// <param name="former">The master that does not answer.</param>
/// <param name="candidates">The nodes that may take over, as far as they are known now.</param>
/// <param name="isElsewhere">Whether the suspect is a master at another address by now.</param>
/// <param name="dialer">Dials nodes.</param>
/// <param name="time">The clock.</param>
internal sealed class ShardSuccession(
    ClusterMember former, Func<IReadOnlyList<ClusterMember>> candidates, Func<bool> isElsewhere, NodeDialer dialer, TimeProvider time)
{
    /// <summary>The mean time between two questions to a replica.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(3);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>An election takes seconds; a shard that has none in this time is asked slowly.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan SlowPause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly List<FailoverStep> _steps = [new(TimeSpan.Zero, $"{former.Endpoint} does not answer")];

    /// <summary>The master that does not answer.</summary>
    public ClusterMember Former => former;

    /// <summary>The time since it was suspected.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>What has been observed until now, the oldest first.</summary>
    public IReadOnlyList<FailoverStep> Steps
    {
        get
        {
            lock (_gate)
                return [.. _steps];
        }
    }

    /// <summary>Waits until one of them answers as a master.</summary>
    /// <returns>The cluster as the successor sees it; null if the former master answers again.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<ClusterLayout?> WaitAsync(CancellationToken stop)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(stop);
        HashSet<(string, ConvoyRedisEndpoint)> known = [(former.Id, former.Endpoint)];
        List<Task<ClusterLayout?>> asked = [AskAsync(former, _ => Task.FromResult<(bool, ClusterLayout?)>((true, null)), decided.Token)];
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                if (isElsewhere())
                    return null;
                asked.AddRange(candidates().Where(node => known.Add((node.Id, node.Endpoint))).Select(
                    node => AskAsync(node, transport => IsSuccessorAsync(transport, decided.Token), decided.Token)));
                if (await Task.WhenAny([.. asked, Task.Delay(LongestPause, time, stop)]).ConfigureAwait(false) is not Task<ClusterLayout?> answer)
                    continue;
                var layout = await answer.ConfigureAwait(false);
                if (layout?.Myself is { } successor)
                    Note($"{successor.Endpoint} owns slots {successor.SlotText} at epoch {successor.ConfigEpoch}");
                return layout;
            }
        }
        finally
        {
            await decided.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(asked)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Asks one node until its answer decides.
    private async Task<ClusterLayout?> AskAsync(
        ClusterMember node, Func<NodeTransport, Task<(bool IsDecided, ClusterLayout? Layout)>> decide, CancellationToken stop)
    {
        var backoff = new Backoff(FirstPause, LongestPause);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                using var transport = await dialer.DialAsync(node, stop).ConfigureAwait(false);
                for (var role = transport.Role; ; role = await transport.Resp.ExecuteAsync(["ROLE"], stop).ConfigureAwait(false))
                {
                    if ((role.IsError || role[0] == "master") && await decide(transport).ConfigureAwait(false) is (true, var layout))
                        return layout;
                    if (!role.IsError && !ReferenceEquals(role, transport.Role))
                        backoff.Reset();
                    await PauseAsync(role.IsError ? backoff.Next() : Period * (0.5 + Random.Shared.NextDouble()), stop).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException)
            {
                await PauseAsync(exception is ConvoyRedisConnectionException { IsFinal: true } ? SlowPause : backoff.Next(), stop).ConfigureAwait(false);
            }
        }
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken stop) => Task.Delay(Elapsed < Patience ? pause : SlowPause, time, stop);

    private void Note(string what)
    {
        lock (_gate)
            _steps.Add(new FailoverStep(Elapsed, what));
    }

    private static async Task<bool> IsWholeAsync(NodeTransport node, CancellationToken stop)
    {
        var info = NodeInfo.From(await node.Resp.ExecuteAsync(["CLUSTER", "INFO"], stop).ConfigureAwait(false));
        return info?["cluster_state"] is "ok" or null;
    }

    private async Task<(bool IsDecided, ClusterLayout? Layout)> IsSuccessorAsync(NodeTransport replica, CancellationToken stop)
    {
        var layout = ClusterLayout.Read((await replica.Resp.ExecuteAsync(["CLUSTER", "NODES"], stop).ConfigureAwait(false)).Text);


        // A node that slots move to by resharding has a higher epoch too, but leaves the former master the others.
        var hasAll = layout?.Myself?.Succeeds(former) == true && layout.Masters.All(master => master.Id != former.Id);
        return (hasAll && await IsWholeAsync(replica, stop).ConfigureAwait(false), layout);
    }
}
