using System.Globalization;
using System.Xml.Linq;
using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The pictures of README.md and of docs/images can be read on a phone, on a light and on a dark page.</summary>
public sealed class PicturesTests
{
    private const double PhoneWidth = 360, SmallestText = 10;

    public static TheoryData<string> Pictures =>
    [
        "benchmarks/results/failover-brief.svg",
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs", "images"), "*.svg").Select(file => Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/')),
    ];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Text_OnAPhone_IsLegible(string picture)
    {
        var root = Root(picture);
        var width = double.Parse(root.Attribute("viewBox")!.Value.Split(' ')[2], CultureInfo.InvariantCulture);
        var sizes = root.Descendants().Where(element => element.Name.LocalName == "text").Select(text => double.Parse(text.Attribute("font-size")!.Value, CultureInfo.InvariantCulture)).ToList();

        Assert.NotEmpty(sizes);
        Assert.True(sizes.Min() * PhoneWidth / width >= SmallestText, $"{sizes.Min()} of {width}");
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Colours_OfEachKind_AreGivenForLightAndDark(string picture)
    {
        var root = Root(picture);
        var style = root.Elements().Single(element => element.Name.LocalName == "style").Value.Split("@media (prefers-color-scheme: dark)");
        var used = root.Descendants().Select(element => element.Attribute("class")?.Value).OfType<string>().Distinct().ToList();

        Assert.Equal(2, style.Length);
        Assert.NotEmpty(used);
        Assert.All(used, kind => Assert.All(style, colours => Assert.Contains($".{kind} {{", colours, StringComparison.Ordinal)));
        Assert.DoesNotContain(root.Descendants(), element => element.Attribute("class") is null && element.Name.LocalName is ("text" or "rect" or "path" or "line"));
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Picture_NeedsNothingFromElsewhere(string picture)
    {
        var root = Root(picture);

        Assert.DoesNotContain("url(", root.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", root.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(root.DescendantsAndSelf().Attributes(), attribute => attribute.Name.LocalName == "href");
        Assert.False(string.IsNullOrWhiteSpace(root.Elements().Single(element => element.Name.LocalName == "title").Value));
    }

    private static XElement Root(string picture) => XDocument.Load(Path.Combine(SourceTree.Root, picture)).Root!;
}
