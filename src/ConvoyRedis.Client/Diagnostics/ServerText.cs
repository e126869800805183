using System.Globalization;
using System.Text;
using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Prepares a server's text for a log, an exception, a span or a report. Servers repeat what they were sent, including passwords
/// (<c>ERR unknown command 'AUTH', with args beginning with: …</c>), so every server text must go through here before it is shown.
/// </summary>
internal static class ServerText
{
    /// <summary>The longest text that is shown.</summary>
    public const int Longest = 500;

    /// <summary>The longest text that is looked at.</summary>
    private const int LongestRead = 10_000;

    /// <summary>Servers cut what they repeat: a part of a secret of this length is hidden as well.</summary>
    private const int TellingLength = 8;

    /// <summary>The text on one line, without arguments of a command and without secrets.</summary>
    /// <param name="text">What a server said.</param>
    /// <param name="secrets">The secrets that the server was sent.</param>
    public static string Shown(string text, params IEnumerable<string?> secrets)
    {
        var arguments = text.IndexOf(", with args", StringComparison.OrdinalIgnoreCase);
        var line = OneLine(arguments < 0 ? text : text[..arguments], LongestRead);
        var shown = Masked(line, secrets);
        return shown.Length <= Longest ? shown : $"{shown[..(Longest - 1)]}…";
    }

    /// <summary>The text without the passwords of a target.</summary>
    public static string Shown(string text, ConvoyRedisTarget target) => Shown(text, target.Password, target.SentinelPassword);

    /// <summary>The text as it is, without secrets.</summary>
    public static string Masked(string text, IEnumerable<string?> secrets)
    {
        var isHidden = new bool[text.Length];
        foreach (var secret in secrets.OfType<string>().SelectMany(secret => (string[])[secret, OneLine(secret, secret.Length)]).Distinct())
        {
            var length = Math.Min(secret.Length, TellingLength);
            for (var start = 0; length > 0 && start + length <= secret.Length; start++)
                Hide(text, secret.AsSpan(start, length), isHidden);
        }

        var shown = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (!isHidden[at])
                shown.Append(text[at]);
            else if (at == 0 || !isHidden[at - 1])
                shown.Append(Redaction.Mask);
        }

        return shown.ToString();
    }

    /// <summary>The code that an error begins with; nothing of any other text is shown.</summary>
    public static string Code(string error)
    {
        var code = error.Split(' ', 2)[0];
        return code.Length is > 0 and <= 20 && code.All(char.IsAsciiLetterUpper) ? code : "an error";
    }

    // Servers replace line breaks in what they repeat by spaces; control and format characters would also deceive a terminal.
    private static string OneLine(string text, int longest) =>
        string.Create(Math.Min(text.Length, longest), text, static (line, text) =>
        {
            for (var at = 0; at < line.Length; at++)
            {
                line[at] = char.GetUnicodeCategory(text[at]) is UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : text[at];
            }
        });

    private static void Hide(string text, ReadOnlySpan<char> part, bool[] isHidden)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var found = text.AsSpan(at).IndexOf(part, StringComparison.Ordinal);
            if (found < 0)
                return;
            at += found;
            isHidden.AsSpan(at, part.Length).Fill(true);
        }
    }
}
