using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>A fenced block of README.md, docs/*.md or src/*/README.md.</summary>
/// <param name="Place">Its file and its first line.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Text">What is in it.</param>
/// <param name="IsFragment">Whether the line <c>&lt;!-- fragment --&gt;</c> says that it cannot stand alone.</param>
internal sealed partial record CodeBlock(string Place, string Language, string Text, bool IsFragment)
{
    private const string FragmentMark = "<!-- fragment -->";

    public static IReadOnlyList<CodeBlock> All { get; } = [.. Pages().SelectMany(page => Of(page, Path.GetRelativePath(SourceTree.Root, page).Replace('\\', '/')))];

    /// <summary>Those in a language.</summary>
    public static IEnumerable<CodeBlock> In(string language) => All.Where(block => block.Language == language);

    private static IEnumerable<string> Pages() =>
    [
        Path.Combine(SourceTree.Root, "README.md"),
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md"),
        .. Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src")).Select(project => Path.Combine(project, "README.md")).Where(File.Exists),
    ];

    private static IEnumerable<CodeBlock> Of(string page, string name)
    {
        var lines = File.ReadAllLines(page);
        for (var first = 0; first < lines.Length; first++)
        {
            if (Fence().Match(lines[first]) is not { Success: true } fence)
                continue;
            var indent = fence.Groups[1].Length;
            var last = Array.FindIndex(lines, first + 1, line => line.Trim() == "```");
            Assert.True(last > first, $"{name}:{first + 1} has no end.");
            var text = lines[(first + 1)..last].Select(line => line.Length >= indent ? line[indent..] : line);
            yield return new CodeBlock(
                $"{name}:{first + 1}", fence.Groups[2].Value, string.Join('\n', text), first > 0 && lines[first - 1].Trim() == FragmentMark);
            first = last;
        }
    }

    [GeneratedRegex(@"^( *)```(\w*)$")]
    private static partial Regex Fence();
}
