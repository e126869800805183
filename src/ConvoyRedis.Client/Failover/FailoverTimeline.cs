namespace ConvoyRedis.Client.Failover;

/// <summary>What was seen and done since a failover began.</summary>
/// <param name="time">The clock.</param>
internal sealed class FailoverTimeline(TimeProvider time)
{
    /// <summary>The steps that are kept at most; a failover has about 20.</summary>
    public const int MostSteps = 100;

    private readonly List<(long At, string What)> _steps = [];
    private bool _isMaster;
    private bool _isLagAwaited;

    /// <summary>The steps until now, the oldest first.</summary>
    public IReadOnlyList<FailoverStep> Steps => [.. _steps.Select(step => new FailoverStep(time.GetElapsedTime(_steps[0].At, step.At), step.What))];

    /// <summary>The time since the first step.</summary>
    public TimeSpan Elapsed => _steps.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_steps[0].At);

    /// <summary>Records an observation, unless it only repeats what is already believed.</summary>
    /// <param name="observation">What was seen.</param>
    /// <param name="before">What was believed before.</param>
    public void Note(FailoverObservation observation, MasterView before)
    {
        var isNews = observation switch
        {
            SentinelAnswered answer => answer.Master != before.Master || answer.Epoch != before.Epoch,
            CandidateProbed probed => probed.IsMaster != _isMaster,
            ReplicasLagged => _isLagAwaited,
            NamedAnswered named => named.IsMaster,
            TimePassed or MasterAnswered => false,
            _ => true,
        };
        if (observation is CandidateProbed { IsMaster: var isMaster })
            _isMaster = isMaster;
        if (isNews)
            Add(observation.ToString());
    }

    /// <summary>Notes what is done.</summary>
    public void Note(MasterDecision decision)
    {
        if (decision is ProbeCandidate)
            _isMaster = false;
        if (decision is not AskSentinel)
            _isLagAwaited = decision is MeasureLag;
        Add(decision.ToString());
    }

    private void Add(string what)
    {
        // Older steps belong to something else.
        var now = time.GetTimestamp();
        if (_steps.Count > 0 && time.GetElapsedTime(_steps[^1].At, now) > MasterTracker.FailoverPatience)
            _steps.Clear();
        if (_steps.Count == MostSteps)
            _steps.RemoveAt(0);
        _steps.Add((now, what));
    }
}
