namespace ConvoyRedis.Benchmarks.Report;

/// <summary>What a benchmark gave, for people: the first table is the one that the README shows.</summary>
internal sealed record BenchmarkReport(string Title, IReadOnlyList<ResultTable> Tables, IReadOnlyList<string> Notes, BarPicture Picture);
