using System.Diagnostics;

namespace ConvoyRedis.Testing;

/// <summary>
/// Finds the first moment at which a node other than the present master accepts a write. It tries a write on each node every millisecond, on a
/// connection of its own, and reconnects at once when the promotion closes the connection.
/// </summary>
public sealed class PromotionObserver : IAsyncDisposable
{
    /// <summary>The key that is written, with an expiry of a minute.</summary>
    public const string Key = "convoy-redis-testing:promotion";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<Promotion> _promoted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _key;
    private readonly Task _observing;

    private PromotionObserver(IEnumerable<RedisServer> candidates, string key)
    {
        _key = key;
        _observing = Task.WhenAll(candidates.Select(candidate => Task.Run(() => ObserveAsync(candidate))));
    }

    /// <summary>Begins to observe; call it before the fault.</summary>
    /// <param name="topology">The topology.</param>
    /// <param name="cancellationToken">Ends the wait for the sentinels' answer.</param>
    public static async Task<PromotionObserver> StartAsync(SentinelTopology topology, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topology);
        var master = await topology.GetMasterAsync(cancellationToken).ConfigureAwait(false);
        return new PromotionObserver(topology.Nodes.Where(node => node != master && node.CanAnswer), Key);
    }

    /// <summary>Begins to observe the replicas of one shard; call it before the fault.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="master">The shard's master.</param>
    /// <param name="hashTag">The hash tag of the key that is written; its slot must belong to the shard.</param>
    /// <param name="cancellationToken">Ends the wait for the nodes' answers.</param>
    public static async Task<PromotionObserver> StartAsync(
        ClusterTopology cluster, RedisServer master, string hashTag, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var replicas = await cluster.GetReplicasAsync(master, cancellationToken).ConfigureAwait(false);
        return new PromotionObserver(replicas, $"{{{hashTag}}}:{Key}");
    }

    /// <summary>Waits for the first write that a new master accepts.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">No node accepted a write within a minute.</exception>
    public Task<Promotion> WaitForPromotionAsync(CancellationToken cancellationToken = default) =>
        _promoted.Task.WaitAsync(Patience, cancellationToken);

    /// <summary>Stops observing; whoever still waits for a promotion gets an <see cref="OperationCanceledException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _observing.ConfigureAwait(false);
        _promoted.TrySetCanceled();
        _stop.Dispose();
    }

    private async Task ObserveAsync(RedisServer candidate)
    {
        while (!_stop.IsCancellationRequested && !_promoted.Task.IsCompleted)
        {
            try
            {
                using var connection = await candidate.OpenAsync(_stop.Token).ConfigureAwait(false);
                while (!_promoted.Task.IsCompleted)
                {
                    var reply = await connection.Resp.ExecuteAsync(["SET", _key, "1", "EX", "60"], _stop.Token).ConfigureAwait(false);
                    if (!reply.IsError)
                        _promoted.TrySetResult(new Promotion(candidate, Stopwatch.GetTimestamp()));
                    await Task.Delay(Period, _stop.Token).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException)
            {
                await Task.Delay(Period, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
