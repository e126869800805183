using System.Text;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Decodes percent-encoded text.</summary>
internal static class PercentText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The decoded text; null if a <c>%</c> does not begin an encoded byte, or the bytes are not UTF-8.</summary>
    public static string? Decode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2])))
                return null;
        }

        try
        {
            return Strict.GetString(Bytes(text));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static byte[] Bytes(string text)
    {
        var bytes = new List<byte>();
        var parts = text.Split('%');
        bytes.AddRange(Strict.GetBytes(parts[0]));
        foreach (var part in parts.Skip(1))
        {
            bytes.Add(Convert.FromHexString(part[..2])[0]);
            bytes.AddRange(Strict.GetBytes(part[2..]));
        }

        return [.. bytes];
    }
}
