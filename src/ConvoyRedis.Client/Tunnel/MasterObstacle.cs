using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Logs once why commands wait for a known master: at once if it is loading its data or refuses the connection, and after <see cref="Patience"/> if it
/// is unreachable or still a replica, which is normal for a moment in every failover. Also logs when this is over.
/// </summary>
internal sealed class MasterObstacle(ConnectionContext context)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (ConvoyRedisEndpoint Master, ConvoyRedisFault Fault)? _met;
    private long _since;
    private bool _isLogged;

    /// <summary>Connecting to the master failed.</summary>
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
