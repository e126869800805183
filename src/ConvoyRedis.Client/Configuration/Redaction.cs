namespace ConvoyRedis.Client.Configuration;

/// <summary>Quotes what a user wrote without showing a secret that it may contain.</summary>
internal static class Redaction
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Mask = "***";

    /// <summary>
    /// The text in quotes. Of a URL, or of anything with an <c>@</c>, only what cannot be part of a password is left: the scheme,
    /// and what follows the last <c>@</c> up to the path.
    /// </summary>
    public static string Quote(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var at = text.LastIndexOf('@');
        if (scheme < 0 && at < 0)
            return $"'{text}'";
        var shown = scheme >= 0 && IsKnownScheme(text[..scheme].Trim()) ? text[..(scheme + 3)].Trim() : "";
        var host = at >= 0 ? $"@{text[(at + 1)..].Split('/', '?', '#')[0]}" : "";
        return $"'{shown}{Mask}{host}'";
    }

    private static bool IsKnownScheme(string scheme) => scheme.All(letter => char.IsAsciiLetter(letter) || letter == '-') && scheme.Length < 20;
}
