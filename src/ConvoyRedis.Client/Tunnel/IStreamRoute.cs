using ConvoyRedis.Client.Tunnel.Handover;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>Where an endpoint that StackExchange.Redis knows leads to.</summary>
internal interface IStreamRoute : IDisposable
{
    /// <summary>The streams, at most one for each connection type.</summary>
    IEnumerable<StreamSlot> Slots { get; }

    /// <summary>The place of a stream.</summary>
    StreamSlot Slot(ConnectionType type);

    /// <summary>Opens a stream, and waits for as long as there is nowhere to lead it.</summary>
    /// <param name="slot">The stream's place.</param>
    /// <param name="attempt">Ends the wait.</param>
    /// <exception cref="ConvoyRedisConnectionException">Waiting is pointless.</exception>
    Task<NodeStream> OpenAsync(StreamSlot slot, CancellationTokenSource attempt);
}
