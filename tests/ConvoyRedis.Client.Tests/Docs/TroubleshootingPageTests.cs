using System.Reflection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tests.Architecture;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>docs/troubleshooting.md has what the library says: every fault, every remedy, and the words of every message in its source.</summary>
public sealed class TroubleshootingPageTests
{
    private const int FewestWords = 3;

    // Log events are in events.md, remedies are compared by themselves, and what is measured is in operations.md.
    private static readonly string[] Elsewhere = ["Log.cs", "Remedies.cs", "Instruments.cs"];

    private static readonly string Page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "troubleshooting.md"));

    public static TheoryData<string> Faults => [.. Enum.GetNames<ConvoyRedisFault>()];

    public static TheoryData<string> Remedy => [.. typeof(Remedies).GetFields(BindingFlags.Static | BindingFlags.Public).Select(remedy => remedy.Name)];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_HasASection_ThatSaysWhetherItIsFinal(string fault)
    {
        var section = Page.Split($"\n### `{fault}`\n\n")[1];

        Assert.StartsWith(new ConvoyRedisConnectionException(Enum.Parse<ConvoyRedisFault>(fault), "").IsFinal ? "Final: " : "The library retries.", section, StringComparison.Ordinal);
        Assert.Contains("\n| `", section.Split("\n#")[0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Remedy))]
    public void Remedy_IsQuoted_WithWhenItIsGiven(string name)
    {
        var row = $"| {typeof(Remedies).GetField(name)!.GetRawConstantValue()} | ";

        Assert.Matches("[a-z]", Page[(Page.IndexOf(row, StringComparison.Ordinal) + row.Length)..].Split('|')[0]);
        Assert.Contains(row, Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_OfTheSource_AreQuoted()
    {
        var messages = SourceTree.Files.Where(file => !Elsewhere.Contains(Path.GetFileName(file))).SelectMany(Messages).Distinct().ToList();

        Assert.True(messages.Count > 100, $"Only {messages.Count} messages were found.");
        Assert.All(messages, message => Assert.Contains(message, Page, StringComparison.Ordinal));
    }

    // What is said to users are sentences: of each that ends with a full stop, the longest part without a value in it.
    private static IEnumerable<string> Messages(string file)
    {
        var root = CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot();
        foreach (var text in root.DescendantNodes().OfType<ExpressionSyntax>().Where(node => node.Parent is not BinaryExpressionSyntax))
        {
            var parts = Parts(text).ToList();
            if (parts.Count == 0 || !parts[^1].EndsWith('.'))
                continue;
            var longest = parts.MaxBy(part => part.Length)!.Trim();
            if (longest.Split(' ').Length >= FewestWords)
                yield return longest;
        }
    }

    private static IEnumerable<string> Parts(ExpressionSyntax text) => text switch
    {
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => [literal.Token.ValueText],
        InterpolatedStringExpressionSyntax interpolated => interpolated.Contents.OfType<InterpolatedStringTextSyntax>().Select(part => part.TextToken.ValueText),
        BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => [.. Parts(sum.Left), .. Parts(sum.Right)],
        _ => [],
    };
}
