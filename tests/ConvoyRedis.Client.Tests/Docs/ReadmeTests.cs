using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>README.md is short, names every page, and has the picture and the table of the outages.</summary>
public sealed class ReadmeTests
{
    private const int MostLines = 120;

    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(SourceTree.Root, "README.md"));

    [Fact]
    public void Length_IsThatOfAFirstPage() => Assert.InRange(Lines.Length, 1, MostLines);

    [Fact]
    public void Pages_Each_IsNamed()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md").Select(Path.GetFileName).ToList();

        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.Contains(Lines, line => line.Contains($"](docs/{page})", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("./eng/demo.sh")]
    [InlineData("./eng/test.sh")]
    public void Commands_TheTwo_AreThereAndCanBeRun(string command)
    {
        Assert.Contains(Lines, line => line.StartsWith(command, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(SourceTree.Root, command)));
        if (!OperatingSystem.IsWindows())
            Assert.True(File.GetUnixFileMode(Path.Combine(SourceTree.Root, command)).HasFlag(UnixFileMode.UserExecute));
    }

    // QuotedTablesTests compares the quoted tables with what was measured.
    [Theory]
    [InlineData("README.md", "<!-- failover.md: In brief -->")]
    [InlineData("README.md", "![Outage of the .NET clients around a failover](benchmarks/results/failover-brief.svg)")]
    [InlineData("docs/figures.md", "<!-- failover.md -->")]
    [InlineData("docs/figures.md", "<!-- connect.md -->")]
    [InlineData("docs/figures.md", "<!-- steady.md -->")]
    public void Figures_OfAPage_AreThere(string page, string line) => Assert.Contains(line, File.ReadLines(Path.Combine(SourceTree.Root, page)));
}
