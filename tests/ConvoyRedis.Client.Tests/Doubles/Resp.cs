namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>Replies as they stand on the wire.</summary>
internal static class Resp
{
    public const string Ok = "+OK\r\n";

    public const string Pong = "+PONG\r\n";

    public const string Null = "$-1\r\n";

    public const string NullArray = "*-1\r\n";

    public static string Error(string text) => $"-{text}\r\n";

    public static string Number(long number) => $":{number}\r\n";

    public static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";

    /// <summary>An array of replies that are on the wire already.</summary>
    public static string Array(params IEnumerable<string> items)
    {
        var all = items.ToList();
        return $"*{all.Count}\r\n{string.Concat(all)}";
    }

    /// <summary>An array of bulk strings.</summary>
    public static string Bulks(params IEnumerable<string> texts) => Array(texts.Select(Bulk));
}
