namespace ConvoyRedis.Client.Configuration;

/// <summary>Quotes what a user wrote without showing a secret that it may contain.</summary>
internal static class Redaction
{
    /// <summary>The replacement for a secret.</summary>
    public const string Mask = "***";

    /// <summary>
    /// The text in quotes. For a URL, also a mistyped one, and for any text with an <c>@</c>, only the scheme is shown: any other part may belong to a
    /// password.
    /// </summary>
    public static string Quote(string text)
    {
        // C:/ is a drive.
        var isUrl = text.IndexOf(":/", StringComparison.Ordinal) is not (-1 or 1);
        if (!isUrl && !text.Contains('@', StringComparison.Ordinal) && !text.Contains("%40", StringComparison.Ordinal))
            return $"'{text}'";
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var shown = scheme >= 0 && Schemes.IsWellKnown(text[..scheme].Trim()) ? text[..(scheme + 3)].Trim() : "";
        return $"'{shown}{Mask}'";
    }
}
