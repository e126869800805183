using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>A page of the documentation: its links, and the anchors of its headings as GitHub makes them.</summary>
/// <param name="path">The path in the repository, with slashes.</param>
/// <param name="lines">What is in it.</param>
internal sealed partial class MarkdownPage(string path, IReadOnlyList<string> lines)
{
    private static readonly string[] AtTheRoot = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

    /// <summary>README.md, CONTRIBUTING.md, CHANGELOG.md, docs/*.md and src/*/README.md.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } =
    [
        .. Files().Select(file => new MarkdownPage(Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/'), File.ReadAllLines(file))),
    ];

    /// <summary>The path in the repository.</summary>
    public string Name => path;

    /// <summary>What may follow a <c>#</c>.</summary>
    public IReadOnlySet<string> Anchors { get; } = AnchorsOf(WithoutBlocks(lines)).ToHashSet(StringComparer.Ordinal);

    /// <summary>The targets of links and pictures within the repository.</summary>
    public IReadOnlyList<string> Links { get; } =
    [
        .. WithoutBlocks(lines).SelectMany(line => Link().Matches(Code().Replace(line, "`"))).Select(link => link.Groups[1].Value + link.Groups[2].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal)),
    ];

    /// <summary>What is wrong with a link; null if it leads somewhere.</summary>
    public string? ProblemOf(string target)
    {
        var (file, anchor) = target.Split('#') switch
        {
            [var only] => (only, null),
            [var before, var after] => (before, after),
            _ => (target, null),
        };
        var full = file.Length == 0 ? Path.Combine(SourceTree.Root, path) : Path.GetFullPath(file, Path.GetDirectoryName(Path.Combine(SourceTree.Root, path))!);
        if (!File.Exists(full) && !Directory.Exists(full))
            return $"{path}: {target}: there is no such file.";
        if (anchor is null)
            return null;
        var page = new MarkdownPage(Path.GetRelativePath(SourceTree.Root, full), File.ReadAllLines(full));
        return page.Anchors.Contains(anchor) ? null : $"{path}: {target}: there is no such heading.";
    }

    private static IEnumerable<string> Files() =>
    [
        .. AtTheRoot.Select(name => Path.Combine(SourceTree.Root, name)),
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs"), "*.md"),
        .. Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src")).Select(project => Path.Combine(project, "README.md")).Where(File.Exists),
    ];

    private static IEnumerable<string> WithoutBlocks(IEnumerable<string> lines)
    {
        var isBlock = false;
        foreach (var line in lines)
        {
            var isFence = line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            isBlock ^= isFence;
            if (!isBlock && !isFence)
                yield return line;
        }
    }

    // The text in lower case, without punctuation, with hyphens for blanks; a second one of the same name gets a number.
    private static IEnumerable<string> AnchorsOf(IEnumerable<string> lines)
    {
        var seen = new Dictionary<string, int>();
        foreach (var line in lines.Where(line => Heading().IsMatch(line)))
        {
            var text = LinkText().Replace(Heading().Replace(line, ""), "$1").Trim();
            var anchor = Punctuation().Replace(text.ToLowerInvariant(), "").Replace(' ', '-');
            seen[anchor] = seen.GetValueOrDefault(anchor) + 1;
            yield return seen[anchor] == 1 ? anchor : $"{anchor}-{seen[anchor] - 1}";
        }
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)|<(?:img|source)\b[^>]*\b(?:src|srcset)=""([^""\s]+)""")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();

    [GeneratedRegex("^#{1,6} ")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();

    [GeneratedRegex(@"[^\p{L}\p{N}\-_ ]")]
    private static partial Regex Punctuation();
}
