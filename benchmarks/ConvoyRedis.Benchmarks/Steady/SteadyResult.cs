namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What <c>steady</c> gave.</summary>
/// <param name="Rows">What commands cost.</param>
/// <param name="Allocations">What they allocate.</param>
/// <param name="Rest">What a connection at rest asks of nodes; null in results from before this was measured.</param>
/// <param name="Changes">What callers notice of changes to a cluster; null likewise.</param>
internal sealed record SteadyResult(
    IReadOnlyList<SteadyRow> Rows, IReadOnlyList<Allocation> Allocations, IReadOnlyList<RestRow>? Rest = null, IReadOnlyList<ChangeRun>? Changes = null);

/// <summary>Bytes allocated per command of GET, SET of 100 B.</summary>
internal sealed record Allocation(string Client, long BytesOfACommand);
