namespace ConvoyRedis.Benchmarks.Connect;

/// <summary>One first connection.</summary>
/// <param name="Client">The client's id.</param>
/// <param name="Sentinels">In which state the sentinels were.</param>
/// <param name="Milliseconds">From the call that connects to the first acknowledged write, errors and further tries included; null for never.</param>
/// <param name="Errors">The tries that ended with an error.</param>
internal sealed record ConnectRun(string Client, SentinelsState Sentinels, double? Milliseconds, int Errors);
