using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>The questions to the candidate of a failover; the connection that saw it promoted is a route's next one.</summary>
/// <param name="nodes">Dials the candidate.</param>
/// <param name="observe">Receives each answer.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class FailoverProbes(NodeDialer nodes, Action<FailoverObservation> observe, ConnectionContext context) : IAsyncDisposable
{
    /// <summary>How often a candidate is asked for its role at most, beside being watched.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    private readonly CandidateProber _candidate = new(nodes, observe, Period, context.Time, context.Logger);

    /// <summary>Carries out a decision, as far as it is about questions.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="route">The first route that moves; null if there is none.</param>
    public void Execute(MasterDecision decision, LogicalRoute? route)
    {
        switch (decision)
        {
            case Follow or HandOver:
                Offer(route);
                break;
            case ProbeCandidate probe:
                _candidate.Start(probe.Candidate);
                break;
            case StopProbing:
                _candidate.Stop();
                break;
        }
    }

    public ValueTask DisposeAsync() => _candidate.DisposeAsync();

    // The promotion was seen on a connection to the new master: the first route needs no other one.
    private void Offer(LogicalRoute? route)
    {
        if (_candidate.TakeConnection() is not { } connection)
            return;
        if (route is null)
            connection.Dispose();
        else
            route.Plan.Masters.Offer(connection);
    }
}
