using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// The questions to the candidate of a failover, and to nodes that sentinels name instead of a master that works; the connection that saw one of them
/// be a master is a route's next one.
/// </summary>
/// <param name="nodes">Dials them.</param>
/// <param name="observe">Receives each answer.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class FailoverProbes(NodeDialer nodes, Action<FailoverObservation> observe, ConnectionContext context) : IAsyncDisposable
{
    /// <summary>
    /// How often a candidate is asked for its role, beside being watched. Most promotions come within 0.1 s of the order; behind that, many processes that
    /// go on asking would slow a candidate that still copies.
    /// </summary>
    public static readonly ProbePace Pace = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250));

    /// <summary>How often a named node is asked: it is a master from the first answer on, or something is wrong for longer.</summary>
    public static readonly ProbePace NamedPace = ProbePace.Every(TimeSpan.FromSeconds(1));

    private readonly CandidateProber _candidate = new(nodes, observe, Pace, context.Time, context.Logger);
    private readonly Dictionary<ConvoyRedisEndpoint, CandidateProber> _named = [];
    private readonly List<Task> _ending = [];

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
            case AskNamed ask:
                (_named[ask.Node] = new CandidateProber(nodes, observe, NamedPace, context.Time, context.Logger, isNamed: true)).Start(ask.Node);
                break;
            case StopAsking stop when _named.Remove(stop.Node, out var prober):
                _ending.RemoveAll(task => task.IsCompleted);
                _ending.Add(prober.DisposeAsync().AsTask());
                break;
        }
    }

    public ValueTask DisposeAsync() => Disposal.EndAsync(
        context.Logger,
        [("the probe of a candidate", _candidate.DisposeAsync), .. _named.Values.Select(prober => ("the probe of a named node", (Func<ValueTask>)prober.DisposeAsync)),
            ("ended probes", () => new(Task.WhenAll(_ending)))]);

    // The promotion was seen on a connection to the new master: the first route needs no other one.
    private void Offer(LogicalRoute? route)
    {
        if (_named.Values.Prepend(_candidate).Select(prober => prober.TakeConnection()).FirstOrDefault(taken => taken is not null) is not { } connection)
            return;
        if (route is null)
            connection.Dispose();
        else
            route.Plan.Masters.Offer(connection);
    }
}
