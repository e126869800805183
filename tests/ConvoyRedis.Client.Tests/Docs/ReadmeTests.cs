using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>README.md is short, names every page, and shows what was measured.</summary>
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

    [Theory]
    [InlineData("README.md", "failover.md", "In brief")]
    [InlineData("docs/figures.md", "failover.md", null)]
    [InlineData("docs/figures.md", "connect.md", null)]
    [InlineData("docs/figures.md", "steady.md", null)]
    public void Figures_OfAPage_AreThoseOfTheResults(string page, string report, string? title)
    {
        var measured = File.ReadAllLines(Path.Combine(SourceTree.Root, "benchmarks", "results", report));
        var marker = title is null ? $"<!-- {report} -->" : $"<!-- {report}: {title} -->";
        var quoted = File.ReadAllLines(Path.Combine(SourceTree.Root, page)).SkipWhile(line => line != marker).TakeWhile(line => line != "<!-- end -->");

        Assert.Equal(FirstTable(measured.SkipWhile(line => title is not null && line != $"## {title}")), FirstTable(quoted));
    }

    private static List<string> FirstTable(IEnumerable<string> lines)
    {
        List<string> table = [.. lines.SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|'))];
        Assert.NotEmpty(table);
        return table;
    }
}
