using System.Globalization;
using System.Xml.Linq;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>A few bars, as SVG for the first page: legible on a phone, on a light and on a dark page.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Axis">What the axis is, with its unit.</param>
/// <param name="From">Where the axis begins.</param>
/// <param name="To">Where it ends; what is longer is cut off there.</param>
/// <param name="Panels">Groups of bars, one below the other.</param>
internal sealed record OutagePicture(string Title, string Axis, double From, double To, IReadOnlyList<OutagePicture.Panel> Panels)
{
    // A phone shows it at little more than half its size: no text is smaller than 18.
    private const double Width = 640, Margin = 24, Top = 64, PanelTitleHeight = 46, RowHeight = 46, PanelGap = 14, Bottom = 72, TextAbove = 20, BarAbove = 29, BarHeight = 10;
    private const int TitleSize = 24, PanelSize = 20, TextSize = 19, AxisSize = 18, TickSeconds = 2;

    private const string Style = """

        .page { fill: #ffffff } .strong { fill: #1f2328 } .quiet { fill: #59636e } .ours { fill: #0969da } .other { fill: #8c959f }
        .grid { stroke: #d1d9e0 } .zero { stroke: #cf222e; stroke-dasharray: 6 4 } .ours-text { fill: #0550ae; font-weight: 600 }
        @media (prefers-color-scheme: dark) {
          .page { fill: #0d1117 } .strong { fill: #f0f6fc } .quiet { fill: #9198a1 } .ours { fill: #4493f8 } .other { fill: #656c76 }
          .grid { stroke: #3d444d } .zero { stroke: #f85149 } .ours-text { fill: #79c0ff }
        }

        """;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private double Height => Top + Bottom + Panels.Sum(HeightOf);

    public XDocument ToSvg()
    {
        var root = new XElement(Svg + "svg",
            new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(Height)}"), new XAttribute("width", Number(Width)), new XAttribute("font-family", "system-ui, sans-serif"),
            new XElement(Svg + "title", Title),
            new XElement(Svg + "style", Style),
            Rectangle(0, 0, Width, Height, "page"),
            Text(Margin, 38, Title, "strong", TitleSize));
        var foot = Height - Bottom;
        for (var tick = Math.Ceiling(From / TickSeconds) * TickSeconds; tick <= To; tick += TickSeconds)
            root.Add(Line(X(tick), Top, foot, tick == 0 ? "zero" : "grid"), Text(X(tick), foot + 24, Number(tick), "quiet", AxisSize, "middle"));
        root.Add(Text(Width / 2, foot + 54, Axis, "quiet", AxisSize, "middle"));

        var y = Top;
        foreach (var panel in Panels)
        {
            root.Add(Text(Margin, y + 28, panel.Title, "quiet", PanelSize));
            foreach (var (index, bar) in panel.Bars.Index())
                root.Add(Draw(bar, y + PanelTitleHeight + (index * RowHeight)));
            y += HeightOf(panel);
        }

        return new XDocument(root);
    }

    private IEnumerable<XElement> Draw(Bar bar, double y)
    {
        var (from, to) = (X(Math.Clamp(bar.From, From, To)), X(Math.Clamp(bar.To ?? To, From, To)));

        // The grid does not run through the text.
        yield return Rectangle(0, y, Width, BarAbove - 3, "page");
        yield return Text(Margin, y + TextAbove, bar.Label, bar.IsOurs ? "ours-text" : "strong", TextSize);
        yield return Text(Width - Margin, y + TextAbove, bar.Text, bar.IsOurs ? "ours-text" : "strong", TextSize, "end");
        yield return Rectangle(from, y + BarAbove, Math.Max(to - from, 3), BarHeight, bar.IsOurs ? "ours" : "other");
    }

    private static double HeightOf(Panel panel) => PanelTitleHeight + (panel.Bars.Count * RowHeight) + PanelGap;

    private double X(double value) => Margin + ((value - From) / (To - From) * (Width - Margin - Margin));

    private static XElement Rectangle(double x, double y, double width, double height, string kind) => new(Svg + "rect",
        new XAttribute("class", kind), new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("width", Number(width)), new XAttribute("height", Number(height)));

    private static XElement Line(double x, double from, double to, string kind) => new(Svg + "line",
        new XAttribute("class", kind), new XAttribute("x1", Number(x)), new XAttribute("x2", Number(x)), new XAttribute("y1", Number(from)), new XAttribute("y2", Number(to)));

    private static XElement Text(double x, double y, string text, string kind, int size, string anchor = "start") => new(Svg + "text",
        new XAttribute("class", kind), new XAttribute("x", Number(x)), new XAttribute("y", Number(y)), new XAttribute("text-anchor", anchor), new XAttribute("font-size", size), text);

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A group of bars with a title.</summary>
    internal sealed record Panel(string Title, IReadOnlyList<Bar> Bars);

    /// <summary>One bar; <paramref name="To"/> is null when it does not end.</summary>
    internal sealed record Bar(string Label, double From, double? To, string Text, bool IsOurs);
}
