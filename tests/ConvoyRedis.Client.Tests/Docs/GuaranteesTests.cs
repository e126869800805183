using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The bounds of docs/guarantees.md are the constants of the code.</summary>
public sealed partial class GuaranteesTests
{
    private const BindingFlags Anything = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly string Page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "guarantees.md"));

    public static TheoryData<string, string> Bounds => [.. Bound().Matches(Page).Select(row => (row.Groups[2].Value, row.Groups[1].Value))];

    [Fact]
    public void Bounds_OfThePage_AreManyAndEachOnce()
    {
        Assert.True(Bounds.Count > 30, $"{Bounds.Count}");
        Assert.Equal(Bounds.Count, Bounds.Select(bound => bound.Data.Item1).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Bounds))]
    public void Bound_OfThePage_IsTheConstant(string constant, string written)
    {
        var (type, member) = (constant.Split('.')[0], constant.Split('.')[1]);
        var field = typeof(ConvoyRedisConnection).Assembly.GetTypes().Single(candidate => candidate.Name == type).GetField(member, Anything);

        Assert.NotNull(field);
        Assert.Equal(Parse(written), field.GetValue(null) switch
        {
            TimeSpan time => time,
            int milliseconds when member.EndsWith("Milliseconds", StringComparison.Ordinal) => TimeSpan.FromMilliseconds(milliseconds),
            var number => Convert.ToInt64(number, CultureInfo.InvariantCulture),
        });
    }

    private static object Parse(string written)
    {
        var number = double.Parse(written.Split(' ')[0], NumberStyles.Number, CultureInfo.InvariantCulture);
        return written.Split(' ') switch
        {
            [_, "ms"] => TimeSpan.FromMilliseconds(number),
            [_, "s"] => TimeSpan.FromSeconds(number),
            [_, "KiB"] => (long)number * 1024,
            [_, "MiB"] => (long)number * 1024 * 1024,
            [_] => (long)number,
            _ => throw new FormatException(written),
        };
    }

    [GeneratedRegex(@"^\|[^|]*\| ([^|]*) \| `(\w+\.\w+)` \|$", RegexOptions.Multiline)]
    private static partial Regex Bound();
}
