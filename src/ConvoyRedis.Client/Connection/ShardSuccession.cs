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
    /// <summary>The mean time between two questions to a replica, for each connection that it serves: a thousand processes ask no more often than a few.</summary>
    private static readonly TimeSpan PeriodPerClient = TimeSpan.FromMilliseconds(0.05);

    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromMilliseconds(50);

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

    /// <summary>Waits until one of them has taken over.</summary>
    /// <param name="succeeded">Called with the successor, at once: only then the questions to the other nodes are ended.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>The cluster as the successor sees it; null if the former master answers again.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public async Task<ClusterLayout?> WaitAsync(Action<ClusterMember> succeeded, CancellationToken stop)
    {
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(stop);
        HashSet<(string, ConvoyRedisEndpoint)> known = [(former.Id, former.Endpoint)];
        List<Task<ClusterLayout?>> asked = [AskAsync(former, HasAnsweredAsync, decided.Token)];
        try
        {
            while (true)
            {
                stop.ThrowIfCancellationRequested();
                if (isElsewhere())
                    return null;
                asked.AddRange(candidates().Where(node => known.Add((node.Id, node.Endpoint))).Select(node => AskAsync(node, HasSucceededAsync, decided.Token)));
                if (await Task.WhenAny([.. asked, Task.Delay(LongestPause, time, stop)]).ConfigureAwait(false) is not Task<ClusterLayout?> answer)
                    continue;
                var layout = await answer.ConfigureAwait(false);
                if (layout?.Myself is not { } successor)
                    return null;
                succeeded(successor);
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

    private static Task<Answer> HasAnsweredAsync(NodeTransport suspect, RespReply role, CancellationToken stop) =>
        Task.FromResult(IsMaster(role) ? Answer.Nobody : Answer.NotYet);

    // Where ROLE is refused, the node's own view of the cluster decides alone.
    private static bool IsMaster(RespReply role) => role.IsError || role[0] == "master";

    // Asks one node until its answer decides.
    private async Task<ClusterLayout?> AskAsync(ClusterMember node, Func<NodeTransport, RespReply, CancellationToken, Task<Answer>> read, CancellationToken stop)
    {
        var backoff = new Backoff(FirstPause, LongestPause);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                using var transport = await dialer.DialAsync(node, stop).ConfigureAwait(false);
                var period = await PeriodAsync(transport, stop).ConfigureAwait(false);
                for (var role = transport.Role; ; role = await transport.Resp.ExecuteAsync(["ROLE"], stop).ConfigureAwait(false))
                {
                    if (await read(transport, role, stop).ConfigureAwait(false) is { IsDecisive: true } answer)
                        return answer.Layout;
                    if (!role.IsError && !ReferenceEquals(role, transport.Role))
                        backoff.Reset();
                    await PauseAsync(role.IsError ? backoff.Next() : period * (0.5 + Random.Shared.NextDouble()), stop).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException)
            {
                await PauseAsync(exception is ConvoyRedisConnectionException { IsFinal: true } ? SlowPause
                    : backoff.Next(exception is ConvoyRedisConnectionException { IsRefusal: true }), stop).ConfigureAwait(false);
            }
        }
    }

    private static async Task<TimeSpan> PeriodAsync(NodeTransport node, CancellationToken stop)
    {
        var served = new ServedClients(await node.Resp.ExecuteAsync(ServedClients.Question, stop).ConfigureAwait(false));
        return served.Share(PeriodPerClient, ShortestPeriod, LongestPeriod);
    }

    // Whoever answers as a master is asked for its view of the cluster. The first answer is read to its end also when it is a replica's, while there is time:
    // when milliseconds count, the code has run before.
    private async Task<Answer> HasSucceededAsync(NodeTransport node, RespReply role, CancellationToken stop)
    {
        if (!IsMaster(role) && !ReferenceEquals(role, node.Role))
            return Answer.NotYet;
        var layout = ClusterLayout.Read((await node.Resp.ExecuteAsync(["CLUSTER", "NODES"], stop).ConfigureAwait(false)).Text);
        var info = NodeInfo.From(await node.Resp.ExecuteAsync(["CLUSTER", "INFO"], stop).ConfigureAwait(false));

        // A node that slots move to by resharding has a higher epoch too, but leaves the former master the others.
        var hasSucceeded = IsMaster(role) && layout?.Myself?.Succeeds(former) == true && layout.Masters.All(master => master.Id != former.Id);
        return hasSucceeded && info?["cluster_state"] is "ok" or null ? new Answer(true, layout) : Answer.NotYet;
    }

    private Task PauseAsync(TimeSpan pause, CancellationToken stop) => Task.Delay(Elapsed < Patience ? pause : SlowPause, time, stop);

    private void Note(string what)
    {
        lock (_gate)
            _steps.Add(new FailoverStep(Elapsed, what));
    }

    /// <param name="IsDecisive">Whether nobody else needs to be asked.</param>
    /// <param name="Layout">The cluster as the successor sees it; null if nobody succeeds.</param>
    private sealed record Answer(bool IsDecisive, ClusterLayout? Layout)
    {
        public static readonly Answer NotYet = new(false, null);

        public static readonly Answer Nobody = new(true, null);
    }
}
