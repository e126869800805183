using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>What is known of the link to one sentinel, and the log of its changes.</summary>
/// <param name="sentinel">The sentinel's address.</param>
/// <param name="observe">Called when the sentinel no longer names a master.</param>
/// <param name="changed">Called after each change of <see cref="HasAnswered"/> or <see cref="Fault"/>.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class SentinelLinkState(
    ConvoyRedisEndpoint sentinel, Action<FailoverObservation> observe, Action changed, ConnectionContext context)
{
    /// <summary>For how many polls one sentinel alone may consider the master down; the others usually follow within some seconds.</summary>
    private const int AlonePatience = 6;

    private string? _quorumFault;
    private int _aloneFor;
    private int? _replicas;

    /// <summary>The sentinel's address.</summary>
    public ConvoyRedisEndpoint Sentinel => sentinel;

    /// <summary>What the sentinel does not allow.</summary>
    public DeniedCommands Denied { get; } = new(sentinel, context);

    /// <summary>Whether the sentinel has named a master on the present connection.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Why the sentinel is not connected, or names no master; null if neither, or if unknown.</summary>
    public ConvoyRedisConnectionException? Fault { get; private set; }

    /// <summary>The state for reports.</summary>
    public SentinelState Shown => new(Fault?.Message, HasAnswered ? _quorumFault : null, _replicas);

    /// <summary>Notes what the sentinel says about the master.</summary>
    public void Note(MonitoredMaster master)
    {
        _aloneFor = master.IsDownForThisSentinelOnly ? _aloneFor + 1 : 0;
        _replicas = master.Replicas ?? _replicas;
    }

    /// <summary>The sentinel named a master (null), or does not.</summary>
    public void Report(ConvoyRedisConnectionException? fault)
    {
        var (wasAnswered, last) = (HasAnswered, Fault);
        (HasAnswered, Fault) = (fault is null, fault);
        if (fault is null && !wasAnswered)
            Log.SentinelConnected(context.Logger, sentinel);
        else if (fault is not null && fault.Message != last?.Message)
            Log.SentinelLost(context.Logger, sentinel, fault.Message, fault.IsFinal || fault.Fault == ConvoyRedisFault.NoMaster ? "" : Remedies.Sentinel);

        // A sentinel that no longer names a master has no vote.
        if (fault is not null && wasAnswered)
            observe(new SentinelLost(sentinel));
        changed();
    }

    /// <summary>Why no failover is possible, as the sentinel says; null when it says nothing.</summary>
    public void ReportQuorum(string? fault)
    {
        fault ??= _aloneFor >= AlonePatience ? $"Sentinel {sentinel} {MonitoredMaster.DownForOneOnly}." : null;
        var last = _quorumFault;
        _quorumFault = fault;
        if (fault is not null && last is null)
            Log.QuorumLost(context.Logger, fault, Remedies.Quorum);
        else if (fault is null && last is not null)
            Log.QuorumRestored(context.Logger, sentinel);
    }
}
