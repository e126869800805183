namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>A place of a terminal's screen.</summary>
/// <param name="Character">What is there.</param>
/// <param name="Color">The number of its colour, 0 to 15, which the terminal's theme gives; null for that of plain text.</param>
/// <param name="IsBold">Whether it is bold.</param>
internal readonly record struct TerminalCell(char Character, int? Color, bool IsBold)
{
    public static TerminalCell Blank { get; } = new(' ', null, false);
}
