using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>A connection to one Redis deployment: the multiplexer, and the node that it leads to.</summary>
public interface IConvoyRedisConnection : IAsyncDisposable
{
    /// <summary>What the settings mean.</summary>
    ConvoyRedisTarget Target { get; }

    /// <summary>What the connection is doing about its master.</summary>
    ConvoyRedisPhase Phase { get; }

    /// <summary>
    /// The node that commands go to. <see cref="IConnectionMultiplexer.GetEndPoints"/>, exceptions and profiling name the master's name in
    /// its place. Null until the first is found, and always null on a cluster, which has several masters.
    /// </summary>
    ConvoyRedisEndpoint? Master { get; }

    /// <summary>The configuration epoch that the sentinels announced with the master; null without sentinels.</summary>
    long? Epoch { get; }

    /// <summary>
    /// Raised on a thread-pool thread after the connection has moved to another node, in the order of the moves. A handler that blocks delays later events
    /// only. An exception that a handler throws is logged; the other handlers still run.
    /// </summary>
    event EventHandler<MasterChangedEventArgs>? MasterChanged;

    /// <summary>
    /// The multiplexer; one and the same for the life of this connection, whatever happens to the nodes. The first call connects, unless
    /// a host has done so already.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the connecting.</param>
    /// <exception cref="ConvoyRedisConnectionException">
    /// A setting is wrong (at once), or no master was reached within <see cref="ConvoyRedisTarget.CommandTimeout"/>;
    /// connecting goes on in the background unless <see cref="ConvoyRedisConnectionException.IsFinal"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IConnectionMultiplexer> GetMultiplexerAsync(CancellationToken cancellationToken = default);
}
