using System.Globalization;
using System.Text;
using System.Xml.Linq;

namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>
/// What a terminal shows, as a picture (SVG) in a window, for light and dark pages. Lines and bars are drawn, since fonts differ in them; a piece of text has the width
/// of its columns in every font.
/// </summary>
internal sealed class CapturePicture
{
    private const int CellWidth = 9, CellHeight = 20, FontSize = 15, Top = 30, Baseline = 15;
    private const string Bars = " ▁▂▃▄▅▆▇█";

    // Each character of a frame, and where its lines lead from its middle: left, right, up, down.
    private static readonly Dictionary<char, string> FrameLines = new()
    {
        ['─'] = "lr",
        ['│'] = "ud",
        ['╭'] = "rd",
        ['╮'] = "ld",
        ['╰'] = "ru",
        ['╯'] = "lu",
        ['├'] = "udr",
        ['┤'] = "udl",
        ['┬'] = "lrd",
        ['┴'] = "lru",
        ['┼'] = "lrud",
    };

    // The colours of the themes that GitHub shows pages in, so that each is legible on its background.
    private static readonly Dictionary<int, (string Name, string Light, string Dark)> Colors = new()
    {
        [2] = ("green", "#1a7f37", "#3fb950"),
        [3] = ("olive", "#9a6700", "#d29922"),
        [6] = ("teal", "#1b7c83", "#39c5cf"),
        [8] = ("grey", "#59636e", "#9198a1"),
        [9] = ("red", "#cf222e", "#ff7b72"),
    };

    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private readonly SortedDictionary<string, (string Light, string Dark)> _styles = new(StringComparer.Ordinal)
    {
        ["page"] = ("fill: #ffffff; stroke: #d1d9e0", "fill: #0d1117; stroke: #3d444d"),
        ["button"] = ("fill: #d1d9e0", "fill: #3d444d"),
        ["text"] = ("fill: #1f2328", "fill: #f0f6fc"),
    };

    private readonly List<XElement> _bars = [];
    private readonly List<XElement> _texts = [];
    private readonly StringBuilder _frame = new();

    /// <summary>The picture as it is written to a file.</summary>
    /// <exception cref="InvalidDataException">A colour is not one that is legible on light and on dark backgrounds.</exception>
    public static string Draw(TerminalGrid grid, int columns)
    {
        var picture = new CapturePicture();
        foreach (var (index, row) in grid.Rows.Index())
            picture.AddRow(row, Top + (index * CellHeight));
        var (width, height) = ((columns + 2) * CellWidth, Top + (grid.Rows.Count * CellHeight) + CellWidth);
        var title = string.Concat(grid.Rows[0].Select(cell => cell.Character)).TrimStart('$', ' ').TrimEnd();
        return $"{picture.Whole(width, height, $"{title}, in a terminal of {columns} columns")}\n";
    }

    private XElement Whole(int width, int height, string title)
    {
        if (_frame.Length > 0)
            _styles["frame"] = ("stroke: #818b98; fill: none", "stroke: #656c76; fill: none");
        string Rules(Func<(string Light, string Dark), string> side) => string.Join(' ', _styles.Select(style => $".{style.Key} {{ {side(style.Value)} }}"));
        return new XElement(Svg + "svg", new XAttribute("viewBox", $"0 0 {width} {height}"), new XAttribute("width", width),
            new XAttribute("font-family", "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"),
            new XAttribute("font-size", FontSize),
            new XElement(Svg + "title", title),
            new XElement(Svg + "style", $"\n    {Rules(style => style.Light)}\n    @media (prefers-color-scheme: dark) {{ {Rules(style => style.Dark)} }}\n  "),
            new XElement(Svg + "rect", At("x", 0.5), At("y", 0.5), At("width", width - 1), At("height", height - 1), At("rx", 8), Class("page")),
            Enumerable.Range(0, 3).Select(button => new XElement(Svg + "circle", At("cx", 16 + (button * 16)), At("cy", 15), At("r", 5), Class("button"))),
            _frame.Length > 0 ? new XElement(Svg + "path", Class("frame"), new XAttribute("d", _frame.ToString().TrimEnd())) : null,
            _bars,
            _texts);
    }

    private void AddRow(IReadOnlyList<TerminalCell> row, int top)
    {
        for (var column = 0; column < row.Count;)
        {
            var cell = row[column];
            var left = (column + 1) * CellWidth;
            if (cell.Character == ' ')
                column++;
            else if (FrameLines.TryGetValue(cell.Character, out var lines))
                column += AddFrame(row, column, left, top, lines);
            else if (Bars.IndexOf(cell.Character, StringComparison.Ordinal) is >= 0 and var level)
                column += AddBar(cell, left, top, level * (CellHeight - 2.0) / (Bars.Length - 1));
            else
                column += AddText(row, column, left, top);
        }
    }

    // A line is one stroke for all its characters.
    private int AddFrame(IReadOnlyList<TerminalCell> row, int column, int left, int top, string lines)
    {
        var count = lines == "lr" ? row.Skip(column).TakeWhile(cell => cell.Character == '─').Count() : 1;
        var (x, y) = (left + (CellWidth / 2.0), top + (CellHeight / 2.0));
        if (lines == "lr")
            Stroke($"M{Number(left)} {Number(y)}h{Number(count * CellWidth)}");
        else if (lines.Length == 2 && lines != "ud")
            Stroke($"M{Number(lines.Contains('l') ? left : left + CellWidth)} {Number(y)}Q{Number(x)} {Number(y)} {Number(x)} {Number(lines.Contains('u') ? top : top + CellHeight)}");
        else
            Stroke(string.Concat(lines.Select(line => $"M{Number(x)} {Number(y)}{line switch { 'l' => $"H{left}", 'r' => $"H{left + CellWidth}", 'u' => $"V{top}", _ => $"V{top + CellHeight}" }}")));
        return count;
    }

    private void Stroke(string path) => _frame.Append(path).Append(' ');

    private int AddBar(TerminalCell cell, int left, int top, double height)
    {
        _bars.Add(new XElement(Svg + "rect", Class(Color(cell.Color)), At("x", left), At("y", top + CellHeight - height), At("width", CellWidth), At("height", height)));
        return 1;
    }

    // As far as the style is the same, and to the next gap.
    private int AddText(IReadOnlyList<TerminalCell> row, int column, int left, int top)
    {
        bool IsGoingOn(int at) => row[at] is var cell && !FrameLines.ContainsKey(cell.Character) && (cell.Character == ' '
            ? at + 1 < row.Count && row[at + 1].Character != ' ' && IsGoingOn(at + 1) : cell.Color == row[column].Color && cell.IsBold == row[column].IsBold);
        var text = string.Concat(Enumerable.Range(column, row.Count - column).TakeWhile(IsGoingOn).Select(at => row[at].Character));
        _texts.Add(new XElement(Svg + "text", Class(Color(row[column].Color)), row[column].IsBold ? new XAttribute("font-weight", "bold") : null, At("x", left),
            At("y", top + Baseline), At("textLength", text.Length * CellWidth), new XAttribute("lengthAdjust", "spacingAndGlyphs"), text));
        return text.Length;
    }

    private string Color(int? number)
    {
        if (number is not { } given)
            return "text";
        if (!Colors.TryGetValue(given, out var color))
            throw new InvalidDataException($"The colour {given} is not legible on light and on dark backgrounds.");
        _styles[color.Name] = ($"fill: {color.Light}", $"fill: {color.Dark}");
        return color.Name;
    }

    private static XAttribute Class(string name) => new("class", name);

    private static XAttribute At(string name, double value) => new(name, Number(value));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
