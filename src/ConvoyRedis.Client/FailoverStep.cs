namespace ConvoyRedis.Client;

/// <summary>One thing that was seen or done on the way to another master.</summary>
/// <param name="At">When, since the first step.</param>
/// <param name="What">
/// What: a sentinel's event or answer, the candidate's role, or what the connection did, for example
/// <c>10.0.0.1:26379 says CandidateSelected of 10.0.0.1:6379 for 10.0.0.2:6379</c> or <c>hold the streams</c>.
/// </param>
public sealed record FailoverStep(TimeSpan At, string What)
{
    /// <summary>The time in milliseconds, and what happened.</summary>
    public override string ToString() => $"{At.TotalMilliseconds,7:F1} ms  {What}";
}
