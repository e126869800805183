using System.Globalization;
using System.Text.RegularExpressions;

namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>
/// What a terminal shows in the end: it obeys the control sequences that the command sends, and refuses any other. It is as high as it must be.
/// </summary>
internal sealed partial class TerminalGrid
{
    private readonly int _columns;
    private readonly List<TerminalCell[]> _rows = [];
    private TerminalCell _pen = TerminalCell.Blank;
    private int _row, _column;

    private TerminalGrid(int columns) => _columns = columns;

    /// <summary>The rows, without the blank ones at the end.</summary>
    public IReadOnlyList<IReadOnlyList<TerminalCell>> Rows => _rows;

    /// <exception cref="InvalidDataException">There is a control sequence that it does not know.</exception>
    public static TerminalGrid Of(string output, int columns)
    {
        var grid = new TerminalGrid(columns);
        for (var at = 0; at < output.Length;)
        {
            if (Sequence().Match(output, at) is { Success: true } sequence)
            {
                grid.Obey(sequence.Groups[2].Value, sequence.Groups[1].Value);
                at += sequence.Length;
            }
            else
            {
                grid.Write(output[at++]);
            }
        }

        while (grid._rows.Count > 0 && Array.TrueForAll(grid._rows[^1], cell => cell.Character == ' '))
            grid._rows.RemoveAt(grid._rows.Count - 1);
        return grid;
    }

    private void Write(char character)
    {
        switch (character)
        {
            case '\r':
                _column = 0;
                break;
            case '\n':
                _row++;
                break;
            case < ' ':
                throw new InvalidDataException($"The output has a character {(int)character:X2}.");
            default:
                if (_column == _columns)
                    (_row, _column) = (_row + 1, 0);
                Row()[_column++] = _pen with { Character = character };
                break;
        }
    }

    private void Obey(string what, string parameters)
    {
        switch (what)
        {
            case "m":
                SetPen(new Queue<int>(parameters.Split(';').Select(Number)));
                break;
            case "A":
                _row = Math.Max(0, _row - Math.Max(1, Number(parameters)));
                break;
            case "K":
                Array.Fill(Row(), TerminalCell.Blank, Number(parameters) == 2 ? 0 : _column, _columns - (Number(parameters) == 2 ? 0 : _column));
                break;
            case "h" or "l" or "=" or ">":
                // The cursor and the keyboard are not in the picture.
                break;
            default:
                throw new InvalidDataException($"The output has the sequence ESC [ {parameters}{what}.");
        }
    }

    private void SetPen(Queue<int> codes)
    {
        while (codes.TryDequeue(out var code))
        {
            _pen = code switch
            {
                0 => TerminalCell.Blank,
                1 => _pen with { IsBold = true },
                >= 30 and <= 37 => _pen with { Color = code - 30 },
                38 when codes.Dequeue() == 5 => _pen with { Color = codes.Dequeue() },
                39 => _pen with { Color = null },
                >= 90 and <= 97 => _pen with { Color = code - 90 + 8 },
                _ => throw new InvalidDataException($"The output has the style {code}."),
            };
        }
    }

    private TerminalCell[] Row()
    {
        while (_rows.Count <= _row)
            _rows.Add([.. Enumerable.Repeat(TerminalCell.Blank, _columns)]);
        return _rows[_row];
    }

    private static int Number(string text) => text.Length == 0 ? 0 : int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\G\x1b\[?([0-9;?]*)([A-Za-z=>])")]
    private static partial Regex Sequence();
}
