using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>A piece of the text of a picture of a terminal.</summary>
/// <param name="X">Where it begins.</param>
/// <param name="Y">Its line.</param>
/// <param name="IsHeading">Whether it is bold without a colour, as headings are.</param>
/// <param name="Text">The text; numbers and the addresses of servers are replaced by <c>#</c>, since no two runs have the same.</param>
internal sealed partial record CapturedText(int X, int Y, bool IsHeading, string Text)
{
    /// <summary>The pieces of a picture, line by line, without the line of the command.</summary>
    public static IReadOnlyList<CapturedText> Of(string svg)
    {
        int Number(XElement text, string name) => int.Parse(text.Attribute(name)!.Value, CultureInfo.InvariantCulture);
        var texts = XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == "text")
            .Select(text => new CapturedText(Number(text, "x"), Number(text, "y"), text.Attribute("font-weight") is not null && text.Attribute("class")!.Value == "text", Masked(text.Value))).ToList();
        return [.. texts.Where(text => text.Y != texts[0].Y)];
    }

    private static string Masked(string text) => Numbers().Replace(Address().Replace(text, "#"), "#");

    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+:\d+(,\s?\d+\.\d+\.\d+\.\d+:\d+)*")]
    private static partial Regex Address();

    [GeneratedRegex(@"-?\d[\d.,:]*(?<=\d)")]
    private static partial Regex Numbers();
}
