using System.Text.RegularExpressions;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The tables of figures in the docs are those that were measured: <c>&lt;!-- name.md --&gt;</c> or <c>&lt;!-- name.md: title --&gt;</c>, and <c>&lt;!-- end --&gt;</c>.</summary>
public sealed partial class QuotedTablesTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Docs");

    public static TheoryData<string, string> Quotes => [.. Directory.EnumerateFiles(Folder, "*.md").SelectMany(page => File.ReadLines(page)
        .Where(line => Opening().IsMatch(line)).Select(opening => (Path.GetFileName(page), opening)))];

    [Theory]
    [MemberData(nameof(Quotes))]
    public void Table_OfAPage_IsThatOfTheResults(string page, string opening)
    {
        var quoted = Opening().Match(opening);
        var title = quoted.Groups["title"] is { Success: true } group ? $"## {group.Value}" : null;
        var measured = File.ReadLines(Path.Combine(Folder, "Results", quoted.Groups["name"].Value)).SkipWhile(line => title is not null && line != title)
            .SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|')).ToList();

        Assert.NotEmpty(measured);
        Assert.Equal(measured, File.ReadLines(Path.Combine(Folder, page)).SkipWhile(line => line != opening).Skip(1).TakeWhile(line => line != "<!-- end -->"));
    }

    [GeneratedRegex("^<!-- (?<name>[a-z]+\\.md)(: (?<title>.+))? -->$")]
    private static partial Regex Opening();
}
