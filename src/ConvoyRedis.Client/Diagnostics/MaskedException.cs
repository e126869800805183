namespace ConvoyRedis.Client.Diagnostics;

/// <summary>Replaces, in a log, an exception whose text contains a secret.</summary>
/// <param name="message">The message, masked.</param>
/// <param name="text">The whole text with the stack trace, masked.</param>
internal sealed class MaskedException(string message, string text) : Exception(message)
{
    /// <summary>The same exception if no secret is in its text, otherwise one that shows the text without the secret.</summary>
    public static Exception? Of(Exception? exception, Func<string, string> mask)
    {
        if (exception?.ToString() is not { } text)
            return null;
        var masked = mask(text);
        return masked == text ? exception : new MaskedException(mask(exception.Message), masked);
    }

    public override string ToString() => text;
}
