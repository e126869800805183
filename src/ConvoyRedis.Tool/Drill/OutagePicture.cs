using System.Globalization;
using System.Xml.Linq;

namespace ConvoyRedis.Tool.Drill;

/// <summary>The outage as SVG: acknowledged writes upwards, failed ones downwards, and what happened when. The page gives the colours.</summary>
internal static class OutagePicture
{
    private const int Parts = 180;
    private const int Ticks = 8;
    private const double Width = 900, Left = 20, Right = 20, Top = 92, Up = 150, Down = 60, Bottom = 44;

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static XElement Draw(DrillReport report)
    {
        var window = new OutageWindow(report, Parts);
        double X(double ms) => Left + ((ms - window.From) / (window.To - window.From) * (Width - Left - Right));
        var (axis, height) = (Top + Up, Top + Up + Down + Bottom);
        var root = new XElement(Svg + "svg", new XAttribute("viewBox", $"0 0 {Number(Width)} {Number(height)}"), new XAttribute("role", "img"),
            new XElement(Svg + "title", "Acknowledged and failed writes around the failover"));
        foreach (var ms in TickTimes(window))
        {
            root.Add(Line(X(ms), Top, axis + Down, "grid"), Text(X(ms), axis + Down + 18, string.Create(CultureInfo.InvariantCulture, $"{ms:N0}"), "tick"));
        }

        root.Add(Text(Width / 2, height - 6, "milliseconds after the fault", "tick"));
        var width = (Width - Left - Right) / Parts;
        var most = Math.Max(1, Math.Max(window.Acknowledged.Max(), window.Failed.Max()));
        foreach (var part in Enumerable.Range(0, Parts))
        {
            var (up, down) = (Up * window.Acknowledged[part] / most, Down * Math.Min(1, (double)window.Failed[part] / most));
            if (up > 0)
                root.Add(Bar(Left + (part * width), axis - up, width, up, "acknowledged"));
            if (down > 0)
                root.Add(Bar(Left + (part * width), axis, width, Math.Max(down, 2), "failed"));
        }

        root.Add(new XElement(Svg + "line", At("x1", Left), At("x2", Width - Right), At("y1", axis), At("y2", axis), new XAttribute("class", "axis")));

        // One line of text for each: two that happened within milliseconds do not cover each other.
        var marks = new List<(string Name, double Ms)> { ("fault", 0), ("promotion", report.PromotionMs), ("first write on the new master", report.FirstWriteMs) };
        if (report.AnnouncedMs is { } announced && announced < window.To)
            marks.Add(("announced by the sentinels", announced));
        foreach (var (index, (name, ms)) in marks.Index())
        {
            var y = 18 + (index * 18);
            root.Add(Line(X(ms), y + 4, axis + Down, "mark"));
            var label = string.Create(CultureInfo.InvariantCulture, $"{name}, {ms:N1} ms");
            root.Add(X(ms) > Width / 2 ? Text(X(ms) - 4, y, label, "before") : Text(X(ms) + 4, y, label, "behind"));
        }

        return root;
    }

    // Round numbers: 1, 2 or 5 times a power of ten.
    private static IEnumerable<double> TickTimes(OutageWindow window)
    {
        var rough = (window.To - window.From) / Ticks;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        for (var number = (int)Math.Ceiling(window.From / step); number * step <= window.To; number++)
            yield return number * step;
    }

    private static XElement Bar(double x, double y, double width, double height, string kind) =>
        new(Svg + "rect", At("x", x), At("y", y), At("width", width), At("height", height), new XAttribute("class", kind));

    private static XElement Line(double x, double from, double to, string kind) =>
        new(Svg + "line", At("x1", x), At("x2", x), At("y1", from), At("y2", to), new XAttribute("class", kind));

    private static XElement Text(double x, double y, string text, string kind) => new(Svg + "text", At("x", x), At("y", y), new XAttribute("class", kind), text);

    private static XAttribute At(string name, double value) => new(name, Number(value));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
