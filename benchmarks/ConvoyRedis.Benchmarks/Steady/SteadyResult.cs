namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What <c>steady</c> gave.</summary>
internal sealed record SteadyResult(IReadOnlyList<SteadyRow> Rows, IReadOnlyList<Allocation> Allocations);

/// <summary>Bytes allocated per command of GET, SET of 100 B.</summary>
internal sealed record Allocation(string Client, long BytesOfACommand);
