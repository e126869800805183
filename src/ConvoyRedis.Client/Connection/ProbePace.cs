namespace ConvoyRedis.Client.Connection;

/// <summary>How often a node is asked for its role on one connection; jitter makes each pause up to twice as long.</summary>
/// <param name="First">The first pause.</param>
/// <param name="Longest">Each pause is half as long again as the one before, up to this one.</param>
internal readonly record struct ProbePace(TimeSpan First, TimeSpan Longest)
{
    private const double Growth = 1.5;

    /// <summary>Always the same pause.</summary>
    public static ProbePace Every(TimeSpan pause) => new(pause, pause);

    /// <summary>The next pause, without jitter. Pass zero to get the first.</summary>
    public TimeSpan Next(TimeSpan pause) => TimeSpan.FromTicks(Math.Clamp((pause * Growth).Ticks, First.Ticks, Longest.Ticks));
}
