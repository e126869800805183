using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Tells once why commands wait for a master that is known: at once when it loads its data or refuses us, and after <see cref="Patience"/> when it
/// is unreachable or still a replica, as it is for moments in every failover. And that it is over.
/// </summary>
internal sealed class MasterObstacle(ConnectionContext context)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (ConvoyRedisEndpoint Master, ConvoyRedisFault Fault)? _met;
    private long _since;
    private bool _isLogged;

    /// <summary>Dialling the master failed.</summary>
    public void Met(ConvoyRedisEndpoint master, ConvoyRedisConnectionException obstacle)
    {
        context.Obstructed(obstacle);
        lock (_gate)
        {
            if (_met != (master, obstacle.Fault))
                (_met, _since, _isLogged) = ((master, obstacle.Fault), context.Time.GetTimestamp(), false);
            var isAtOnce = obstacle.IsFinal || obstacle.Fault == ConvoyRedisFault.Loading;
            if (_isLogged || (!isAtOnce && context.Time.GetElapsedTime(_since) < Patience))
                return;
            _isLogged = true;
        }

        Log.MasterObstructed(context.Logger, master, obstacle.Message);
    }

    /// <summary>The master was reached.</summary>
    public void Passed(ConvoyRedisEndpoint master)
    {
        context.Obstructed(null);
        lock (_gate)
        {
            var wasLogged = _isLogged;
            (_met, _isLogged) = (null, false);
            if (!wasLogged)
                return;
        }

        Log.MasterReady(context.Logger, master);
    }
}
