namespace ConvoyRedis.Benchmarks.Report;

/// <summary>What a benchmark gave, for people: the first table is the one that docs/figures.md shows.</summary>
internal sealed record BenchmarkReport(string Title, IReadOnlyList<ResultTable> Tables, IReadOnlyList<string> Notes, BarPicture Picture)
{
    /// <summary>The picture of the README; null for none.</summary>
    public OutagePicture? Brief { get; init; }
}
