namespace ConvoyRedis.Client;

/// <summary>One step of a failover: something that was observed or done.</summary>
/// <param name="At">The time since the first step.</param>
/// <param name="What">
/// A sentinel's event or answer, the candidate's role, or an action of the connection, for example
/// <c>10.0.0.1:26379 says CandidateSelected of 10.0.0.1:6379 for 10.0.0.2:6379</c> or <c>hold the streams</c>.
/// </param>
public sealed record FailoverStep(TimeSpan At, string What)
{
    /// <summary>The time in milliseconds, and what happened.</summary>
    public override string ToString() => $"{At.TotalMilliseconds,7:F1} ms  {What}";
}
