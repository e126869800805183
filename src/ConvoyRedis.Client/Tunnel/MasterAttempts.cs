using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>What is done at the master again and again until it succeeds; and why it has not yet.</summary>
internal sealed class MasterAttempts
{
    private readonly NodeAttempts _attempts;
    private readonly MasterObstacle _obstacle;
    private readonly Action<ConvoyRedisEndpoint, ConvoyRedisEndpoint?> _notMaster;
    private readonly ConnectionContext _context;

    /// <param name="pointer">Points to the master.</param>
    /// <param name="notMaster">Called when the node says that it is not a master, with the node whose replica it is, if it says so.</param>
    /// <param name="context">The clock and the log.</param>
    public MasterAttempts(MasterPointer pointer, Action<ConvoyRedisEndpoint, ConvoyRedisEndpoint?> notMaster, ConnectionContext context)
    {
        (_notMaster, _context, _obstacle) = (notMaster, context, new MasterObstacle(context));
        _attempts = new NodeAttempts(pointer, IsWorthwhile, context.Time);
    }

    /// <summary>Why the last attempt failed; null if none did since one succeeded.</summary>
    public ConvoyRedisConnectionException? LastFault { get; private set; }

    /// <summary>The master was reached.</summary>
    public void Succeeded(ConvoyRedisEndpoint master)
    {
        LastFault = null;
        _obstacle.Passed(master);
    }

    /// <inheritdoc cref="NodeAttempts.UntilDoneAsync" />
    public Task<T> UntilDoneAsync<T>(Func<ConvoyRedisEndpoint, CancellationToken, Task<T?>> act, CancellationToken cancellationToken)
        where T : class => _attempts.UntilDoneAsync(act, cancellationToken);

    /// <inheritdoc cref="NodeAttempts.TryOpenAsync" />
    public Task<NodeStream?> TryOpenAsync(
        StreamSlot slot, CancellationTokenSource attempt, ConvoyRedisEndpoint master, MasterDialer dialer, CancellationToken cancellationToken) =>
        _attempts.TryOpenAsync(slot, attempt, master, dialer.DialAsync, cancellationToken);

    private bool IsWorthwhile(ConvoyRedisEndpoint master, ConvoyRedisConnectionException reason)
    {
        LastFault = reason;
        Log.MasterNotReady(_context.Logger, master, reason.Message);
        _obstacle.Met(master, reason);
        if (reason.Fault == ConvoyRedisFault.NotMaster)
        {
            _context.Telemetry.StaleMasterRejected(master);
            _notMaster(master, reason.Successor);
        }

        return !reason.IsFinal;
    }
}
