using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>A connection to one Redis deployment: the multiplexer, and its current master.</summary>
public interface IConvoyRedisConnection : IAsyncDisposable
{
    /// <summary>The validated settings of this connection.</summary>
    ConvoyRedisTarget Target { get; }

    /// <summary>What the connection is doing: following its master, or waiting in a failover.</summary>
    ConvoyRedisPhase Phase { get; }

    /// <summary>
    /// The node that commands go to. <see cref="IConnectionMultiplexer.GetEndPoints"/>, exceptions and profiling show the master's name
    /// instead. Null until the first master is found, and always null on a cluster, which has several masters.
    /// </summary>
    ConvoyRedisEndpoint? Master { get; }

    /// <summary>The configuration epoch that the sentinels announced with the master; null without sentinels.</summary>
    long? Epoch { get; }

    /// <summary>
    /// Raised on a thread-pool thread after the connection has moved to another node, or a shard of a cluster to another master
    /// (<see cref="MasterChangedEventArgs.Slots"/>), in the order of the moves. A handler that blocks delays only
    /// later events. An exception of a handler is logged; the other handlers still run.
    /// </summary>
    event EventHandler<MasterChangedEventArgs>? MasterChanged;

    /// <summary>
    /// Returns the multiplexer, which is the same object for the whole life of this connection. The first call connects, unless
    /// the host has already done so.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the connecting.</param>
    /// <exception cref="ConvoyRedisConnectionException">
    /// A setting is wrong (at once), or no master was reached within <see cref="ConvoyRedisTarget.CommandTimeout"/>;
    /// connecting continues in the background unless <see cref="ConvoyRedisConnectionException.IsFinal"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IConnectionMultiplexer> GetMultiplexerAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Returns the server API of StackExchange.Redis for a node by its own address, for commands such as INFO, CONFIG and SCAN.
    /// <see cref="IConnectionMultiplexer.GetServer(string, int, object?)"/> knows these addresses only in clusters.
    /// </summary>
    /// <remarks>
    /// The server of the master follows it: after a failover it leads to the new master. So does that of the replicas, with <c>read_from</c>.
    /// </remarks>
    /// <param name="node">The master, the replica that reads go to, or a node of a cluster.</param>
    /// <param name="cancellationToken">Ends the wait for the connection.</param>
    /// <exception cref="ArgumentException">No commands of this connection go to the node; the message names those to which they do.</exception>
    /// <exception cref="ConvoyRedisConnectionException">As for <see cref="GetMultiplexerAsync"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IServer> GetServerAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken = default);
}
