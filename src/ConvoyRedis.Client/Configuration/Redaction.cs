namespace ConvoyRedis.Client.Configuration;

/// <summary>Quotes what a user wrote without showing a secret that it may contain.</summary>
internal static class Redaction
{
    /// <summary>The replacement for a secret.</summary>
    public const string Mask = "***";

    /// <summary>The text in quotes. For a URL, or any text with an <c>@</c>, only the scheme is shown: any other part may belong to a password.</summary>
    public static string Quote(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 && !text.Contains('@', StringComparison.Ordinal))
            return $"'{text}'";
        var shown = scheme >= 0 && Schemes.IsWellKnown(text[..scheme].Trim()) ? text[..(scheme + 3)].Trim() : "";
        return $"'{shown}{Mask}'";
    }
}
