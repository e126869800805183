using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The pictures of README.md and of docs/images can be read on a phone, on a light and on a dark page.</summary>
public sealed class PicturesTests
{
    private const double PhoneWidth = 360, WideWidth = 600, SmallestText = 10;

    /// <summary>What a picture for phones ends with, beside the one for wider screens.</summary>
    private const string Narrow = "-narrow.svg";

    public static TheoryData<string> Pictures =>
    [
        "benchmarks/results/failover-brief.svg",
        .. Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "docs", "images"), "*.svg").Select(file => Path.GetRelativePath(SourceTree.Root, file).Replace('\\', '/')),
    ];

    /// <summary>The pictures that phones do not get.</summary>
    public static TheoryData<string> WidePictures => [.. Pictures.Select(row => row.Data).Where(HasNarrow)];

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Text_OnAPhone_IsLegible(string picture)
    {
        var root = Root(picture);
        var (shown, width) = (HasNarrow(picture) ? WideWidth : PhoneWidth, Width(root));
        var smallest = Texts(root).Min(Size);

        Assert.True(smallest * shown / width >= SmallestText, $"{smallest} of {width}");
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Text_EachPiece_IsWithinTheFrame(string picture)
    {
        var root = Root(picture);
        var width = Width(root);

        Assert.All(Texts(root), text =>
        {
            // Where the font decides, half a size for each letter is about the mean.
            var (x, length) = (Number(text, "x"), text.Attribute("textLength") is null ? text.Value.Length * Size(text) / 2 : Number(text, "textLength"));
            var from = text.Attribute("text-anchor")?.Value switch { "middle" => x - (length / 2), "end" => x - length, _ => x };
            Assert.True(from >= 0 && from + length <= width, $"{text.Value}: {from} to {from + length} of {width}");
        });
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Text_EachPiece_NamesNoDirectory(string picture) =>
        Assert.All(Texts(Root(picture)), text => Assert.DoesNotMatch(@"(?<![\w.~])/(?:[a-z]+/)+|[A-Z]:\\", text.Value));

    [Theory]
    [MemberData(nameof(WidePictures))]
    public void WidePicture_OnEachPage_HasANarrowOneForPhones(string picture)
    {
        var name = Path.GetFileNameWithoutExtension(picture);
        var pages = MarkdownPage.All.Where(page => page.Links.Any(link => link.EndsWith($"images/{name}.svg", StringComparison.Ordinal))).ToList();

        Assert.NotEmpty(pages);
        Assert.All(pages, page => Assert.Matches(
            $"""<picture>\n  <source media="\(max-width: {WideWidth}px\)" srcset="\S*images/{name}{Regex.Escape(Narrow)}">\n  <img alt="[^"]+" src="\S*images/{name}\.svg">\n</picture>""",
            File.ReadAllText(Path.Combine(SourceTree.Root, page.Name)).ReplaceLineEndings("\n")));
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

    private static bool HasNarrow(string picture) => File.Exists(Path.Combine(SourceTree.Root, Path.ChangeExtension(picture, null) + Narrow));

    private static List<XElement> Texts(XElement root)
    {
        var texts = root.Descendants().Where(element => element.Name.LocalName == "text").ToList();
        Assert.NotEmpty(texts);
        return texts;
    }

    private static double Width(XElement root) => double.Parse(root.Attribute("viewBox")!.Value.Split(' ')[2], CultureInfo.InvariantCulture);

    private static double Size(XElement text) => Number(text.AncestorsAndSelf().First(element => element.Attribute("font-size") is not null), "font-size");

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);

    private static XElement Root(string picture) => XDocument.Load(Path.Combine(SourceTree.Root, picture)).Root!;
}
