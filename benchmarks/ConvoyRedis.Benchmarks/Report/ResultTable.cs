using Spectre.Console;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>A table that is printed and written down alike.</summary>
internal sealed record ResultTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public IEnumerable<string> Markdown()
    {
        yield return Row(Columns);
        yield return Row(Columns.Select(_ => "---"));
        foreach (var row in Rows)
            yield return Row(row);
    }

    public void Print(IAnsiConsole console)
    {
        var table = new Table().Title(Markup.Escape(Title));
        foreach (var column in Columns)
            table.AddColumn(Markup.Escape(Plain(column)));
        foreach (var row in Rows)
            table.AddRow(row.Select(cell => Markup.Escape(Plain(cell))).ToArray());
        console.Write(table);
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    private static string Plain(string markdown) => markdown.Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);
}
