using System.Buffers;
using System.Globalization;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Parses values like Go, because Convoy is written in Go and uses the same settings.</summary>
internal static class GoText
{
    /// <summary>What a duration looks like, for messages.</summary>
    public const string DurationForm = "a duration such as 500ms, 15s or 1m30s";

    /// <summary>What a boolean looks like, for messages.</summary>
    public const string BooleanForm = "true, True, TRUE, t, T or 1, or false, False, FALSE, f, F or 0";

    private static readonly SearchValues<char> NumberLetters = SearchValues.Create("0123456789.");

    private static (string Unit, double Milliseconds)[] Units =>
        [("ms", 1), ("us", 0.001), ("µs", 0.001), ("ns", 0.000001), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>Reads a boolean as <c>strconv.ParseBool</c> does; null if it is invalid.</summary>
    public static bool? Boolean(string text) => text switch
    {
        "1" or "t" or "T" or "TRUE" or "true" or "True" => true,
        "0" or "f" or "F" or "FALSE" or "false" or "False" => false,
        _ => null,
    };

    /// <summary>
    /// Reads an integer as <c>strconv.ParseInt</c> does with base 0: <c>0x</c>, <c>0o</c>, <c>0b</c> or <c>0</c> say another base, and an underscore may be
    /// between two digits or after these; null if it is invalid.
    /// </summary>
    public static int? Integer(string text)
    {
        var digits = text.StartsWith('+') || text.StartsWith('-') ? text[1..] : text;
        var (radix, start) = digits.ToLowerInvariant() switch
        {
            ['0', 'x', _, ..] => (16, 2),
            ['0', 'o', _, ..] => (8, 2),
            ['0', 'b', _, ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        var value = 0L;
        var last = start > 0 ? '0' : '_';
        foreach (var letter in digits[start..])
        {
            var digit = char.IsAsciiHexDigit(letter) ? Convert.ToInt32(letter.ToString(), 16) : radix;
            if (letter == '_' ? last == '_' : digit >= radix || value > int.MaxValue)
                return null;
            last = letter;
            if (letter != '_')
                value = (value * radix) + digit;
        }

        return last == '_' || value > int.MaxValue ? null : (int)(text.StartsWith('-') ? -value : value);
    }

    /// <summary>Reads a duration as <c>time.ParseDuration</c> does, without a sign; null if it is invalid. A bare number has no unit, and is none.</summary>
    public static TimeSpan? Duration(string text)
    {
        if (text == "0")
            return TimeSpan.Zero;
        var milliseconds = 0.0;
        var rest = text.AsSpan();
        if (rest.IsEmpty)
            return null;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberLetters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return null;
            rest = rest[digits..];
            var unit = UnitOf(rest);
            if (unit.Unit is null)
                return null;
            milliseconds += number * unit.Milliseconds;
            rest = rest[unit.Unit.Length..];
        }

        return milliseconds <= TimeSpan.MaxValue.TotalMilliseconds / 2 ? TimeSpan.FromMilliseconds(milliseconds) : null;
    }

    /// <summary>Writes a duration so that <see cref="Duration"/> reads it back.</summary>
    public static string Write(TimeSpan duration) => duration.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0}s")
        : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0.######}ms");

    private static (string? Unit, double Milliseconds) UnitOf(ReadOnlySpan<char> rest)
    {
        foreach (var unit in Units)
        {
            if (rest.StartsWith(unit.Unit, StringComparison.Ordinal))
                return unit;
        }

        return default;
    }
}
