using ConvoyRedis.Client.Maintenance;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// The announced moves that were carried out, one for each address: a server repeats MOVING to each connection that is opened before the time is up,
/// and each repetition would lead to another one. Thread-safe.
/// </summary>
internal sealed class HandledMoves
{
    /// <summary>The number of addresses that are remembered: a fixed endpoint has a few.</summary>
    private const int MostAddresses = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<ConvoyRedisEndpoint, (long Sequence, ConvoyRedisEndpoint? To)> _handled = [];

    /// <summary>Whether the move away from an address was carried out.</summary>
    public bool Contains(ConvoyRedisEndpoint address, EndpointMoves move)
    {
        lock (_gate)
            return _handled.TryGetValue(address, out var handled) && handled == (move.Sequence, move.To);
    }

    /// <summary>The move away from an address was carried out.</summary>
    public void Add(ConvoyRedisEndpoint address, EndpointMoves move)
    {
        lock (_gate)
        {
            if (_handled.Count >= MostAddresses)
                _handled.Clear();
            _handled[address] = (move.Sequence, move.To);
        }
    }
}
