using System.Globalization;
using System.Xml.Linq;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>Horizontal bars on a common axis, as SVG.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Axis">What the axis is, with its unit.</param>
/// <param name="From">Where the axis begins.</param>
/// <param name="To">Where it ends; what is longer is cut off there, with an arrow.</param>
/// <param name="Panels">Groups of bars, one below the other.</param>
internal sealed record BarPicture(string Title, string Axis, double From, double To, IReadOnlyList<BarPicture.Panel> Panels)
{
    private const double Width = 960, LabelWidth = 210, TextWidth = 150, RowHeight = 20, PanelGap = 44, Top = 56, Bottom = 44;
    private const int Ticks = 8;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public XDocument ToSvg()
    {
        var height = Top + Bottom + Panels.Sum(panel => (panel.Bars.Count * RowHeight) + PanelGap);
        var root = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(height)}"),
            new XAttribute("font-family", "system-ui, sans-serif"),
            new XAttribute("font-size", "12"),
            new XElement(Svg + "title", Title),
            Rectangle(0, 0, Width, height, "#ffffff"),
            Text(16, 26, Title, "#111111", size: 16));
        foreach (var tick in Enumerable.Range(0, Ticks + 1).Select(index => From + ((To - From) * index / Ticks)))
        {
            root.Add(Line(X(tick), Top, height - Bottom, "#e3e3e3"), Text(X(tick), height - Bottom + 16, Number(tick), "#555555", "middle"));
        }

        root.Add(Text((X(From) + X(To)) / 2, height - 8, Axis, "#555555", "middle"));
        var y = Top;
        foreach (var panel in Panels)
        {
            var (first, last) = (y + 24, y + 24 + (panel.Bars.Count * RowHeight));
            root.Add(Text(16, y + 16, panel.Title, "#111111", size: 13));
            foreach (var (index, bar) in panel.Bars.Index())
                root.Add(Draw(bar, first + (index * RowHeight)));
            foreach (var (index, mark) in panel.Marks.Index())
            {
                // Two that are close together: one label to the left, one to the right.
                var anchor = panel.Marks.Count == 1 ? "middle" : index == 0 ? "end" : "start";
                root.Add(Line(X(mark.At), first - 2, last, "#c0392b", "3 2"), Text(X(mark.At), first - 6, mark.Label, "#c0392b", anchor, 10));
            }

            y = last + PanelGap - 24;
        }

        return new XDocument(root);
    }

    private IEnumerable<XElement> Draw(Bar bar, double y)
    {
        var isCut = bar.To is null || bar.To > To;
        var (from, to) = (X(Math.Clamp(bar.From, From, To)), X(Math.Clamp(bar.To ?? To, From, To)));
        var fill = bar.IsOurs ? "#1f77b4" : "#9aa5b1";
        yield return Text(LabelWidth - 8, y + 14, bar.Label, "#111111", "end");
        yield return Rectangle(from, y + 3, Math.Max(to - from, 1.5), RowHeight - 6, fill);
        if (isCut)
            yield return new XElement(Svg + "path", new XAttribute("d", $"M{Number(to)} {Number(y + 1)} l8 {Number((RowHeight / 2) - 1)} l-8 {Number((RowHeight / 2) - 1)} z"), new XAttribute("fill", fill));
        yield return Text(to + (isCut ? 14 : 6), y + 14, bar.Text, "#111111");
    }

    private double X(double value) => LabelWidth + ((value - From) / (To - From) * (Width - LabelWidth - TextWidth));

    private static XElement Rectangle(double x, double y, double width, double height, string fill) => new(Svg + "rect",
        new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("width", Number(width)), new XAttribute("height", Number(height)), new XAttribute("fill", fill));

    private static XElement Line(double x, double from, double to, string stroke, string dashes = "none") => new(Svg + "line",
        new XAttribute("x1", Number(x)), new XAttribute("x2", Number(x)), new XAttribute("y1", Number(from)), new XAttribute("y2", Number(to)),
        new XAttribute("stroke", stroke), new XAttribute("stroke-dasharray", dashes));

    private static XElement Text(double x, double y, string text, string fill, string anchor = "start", int size = 12) => new(Svg + "text",
        new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("fill", fill), new XAttribute("text-anchor", anchor), new XAttribute("font-size", size), text);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A group of bars with a title, and the instants or bounds marked in it.</summary>
    internal sealed record Panel(string Title, IReadOnlyList<Bar> Bars, IReadOnlyList<Mark> Marks);

    /// <summary>One bar; <paramref name="To"/> is null when it does not end.</summary>
    internal sealed record Bar(string Label, double From, double? To, string Text, bool IsOurs);

    /// <summary>A line across a group.</summary>
    internal sealed record Mark(double At, string Label);
}
