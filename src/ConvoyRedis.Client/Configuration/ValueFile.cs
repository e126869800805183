using System.Text;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Reads a value from a file of its own, as container platforms mount secrets.</summary>
internal static class ValueFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the value, byte for byte; exactly one newline at its end is dropped, as editors add one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong, as the end of a sentence; null when nothing is.</param>
    /// <returns>The value; null when it cannot be read.</returns>
    public static string? Read(string path, out string? problem)
    {
        problem = null;
        try
        {
            var text = Strict.GetString(File.ReadAllBytes(path));
            if (text.StartsWith('\uFEFF'))
                problem = "begins with a byte order mark; save it as UTF-8 without one";
            else
                return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (DecoderFallbackException)
        {
            problem = "is not UTF-8";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problem = $"cannot be read: {Reason(exception)}";
        }

        return null;
    }

    /// <summary>Why a file cannot be read; the text of the exception may quote more.</summary>
    public static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "access is denied",
        _ => exception.GetType().Name,
    };
}
