namespace ConvoyRedis.Client.Maintenance;

/// <summary>What a managed service announces before and after it works on a node. Its text is what logs show.</summary>
internal abstract record MaintenanceNotice;

/// <summary>The endpoint moves, and the connection to its present address ends (MOVING).</summary>
/// <param name="Sequence">The number of the announcement: the server repeats it to a connection that is opened before the time is up.</param>
/// <param name="Within">The time until the connection ends.</param>
/// <param name="To">The new address; null when the endpoint's name leads there.</param>
internal sealed record EndpointMoves(long Sequence, TimeSpan Within, ConvoyRedisEndpoint? To) : MaintenanceNotice
{
    public override string ToString() => $"MOVING to {(To is { } to ? to : "where the name will lead")} within {Within.TotalSeconds:0} s";
}

/// <summary>Answers may be late for some time (MIGRATING, FAILING_OVER).</summary>
/// <param name="Name">The announcement's name.</param>
/// <param name="Lasts">For how long.</param>
internal sealed record AnswersDelayed(string Name, TimeSpan Lasts) : MaintenanceNotice
{
    public override string ToString() => $"{Name}, with late answers for up to {Lasts.TotalSeconds:0} s";
}

/// <summary>The end of <see cref="AnswersDelayed"/> (MIGRATED, FAILED_OVER). A server repeats the last one on each new connection.</summary>
/// <param name="Name">The announcement's name.</param>
internal sealed record AnswersRestored(string Name) : MaintenanceNotice
{
    public override string ToString() => Name;
}

/// <summary>A step in the maintenance of one of the two nodes behind a name (Azure Cache for Redis).</summary>
/// <param name="Step">The step.</param>
/// <param name="Start">When the maintenance starts; null when this is not said.</param>
/// <param name="IsReplica">Whether the node is the replica: then nothing moves.</param>
internal sealed record NodeMaintained(AzureStep Step, DateTimeOffset? Start, bool IsReplica) : MaintenanceNotice
{
    public override string ToString() =>
        $"NodeMaintenance{Step} of the {(IsReplica ? "replica" : "master")}{(Start is { } start ? FormattableString.Invariant($", start at {start:u}") : "")}";
}
