using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>What no honest peer sends: a corpus, arbitrary bytes, and valid messages with bytes changed, lost and repeated.</summary>
internal static class NastyInputs
{
    /// <summary>Each was thought of, or found, as one that breaks a parser.</summary>
    public static IReadOnlyList<byte[]> Corpus { get; } =
    [
        .. ((string[])
        [
            "", "\n", "\r", "\r\n", "\r\n\r\n", "*", "*\r\n", "*-1\r\n", "*-2\r\n", "*0\r\n", "*1\r\n", "*1000000000\r\n", "*2147483647\r\n", "*2147483648\r\n",
            "*99999999999999999999999999\r\n", "*-9223372036854775808\r\n", "*1\r\n$-1\r\n", "*1\r\n$1000000000\r\n", "*1\r\n$99999999999999999999\r\n",
            "*1\r\n$4\r\nPINGxx*1\r\n", "*1\r2\n$4\r\nPING\r\n", "*1\n$4\nPING\r\n", "*+1\r\n", "* 1\r\n", "*1x\r\n", "*x\r\n$1\r\na\r\n",
            "$", "$\r\n", "$-1\r\n", "$-2\r\n", "$0\r\n\r\n", "$1\r\nab\r\n", "$1000000000\r\n", "$2147483647\r\n", "$18446744073709551616\r\n", "$?\r\n", "$5\r\nab",
            "%1\r\n", "%-1\r\n", "%1073741824\r\n", "%2147483647\r\n", "|1\r\n", "|-1\r\n", "|0\r\n+a\r\n", "|2147483647\r\n", "~1000000000\r\n", ">1000000000\r\n",
            ">0\r\n", ">-1\r\n", "=3\r\ntxt\r\n", "!3\r\nERR\r\n", "!-1\r\n", "_", "_\r\n", "#\r\n", ",nan\r\n", "(\r\n", "+", "-", ":", "\0\0\0\0", "\0+a\r\n+b\r\n", "\x7f\r\n",
            "HTTP/1.1 400 Bad Request\r\n\r\n", "PING\r\n", "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$2147483647\r\n", "*2\r\n$6\r\nSELECT\r\n$-5\r\n",
            "*5\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n", "*1\r\n$6\r\nSELECT\r\n", "*1\r\n$6\r\nSCRIPT\r\n",
        ]).Select(Encoding.Latin1.GetBytes),
        Repeat("*1\r\n", 20_000), Repeat("%1\r\n+k\r\n", 20_000), Repeat("|1\r\n", 20_000), Repeat(">1\r\n", 20_000), Repeat("~1\r\n", 20_000),
        Repeat("*2\r\n+a\r\n", 20_000), Repeat("+", 200_000), Repeat("9", 200_000), [(byte)'*', .. Repeat("1", 200_000)], [(byte)'$', .. Repeat("0", 200_000)],
    ];

    /// <summary>Any of these, after some valid messages.</summary>
    /// <param name="valid">A valid message.</param>
    public static Gen<byte[]> After(Gen<byte[]> valid) =>
        from before in Gen.ListOf(valid)
        from nasty in Gen.OneOf(Gen.Elements<byte[]>(Corpus.Where(input => input.Length < 1000)), Bytes, Mutated(valid), RespLike)
        from behind in valid
        select Pipelines.Join([.. before, nasty, behind]);

    private static Gen<byte[]> Bytes { get; } = Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number));

    private static Gen<byte[]> RespLike { get; } =
        Gen.ListOf(Gen.Elements("*", "$", "%", "|", ">", "~", "=", "!", "+", "-", ":", "_", "1", "2", "0", "9999", "\r\n", "\r", "\n", "\0", "a", "SELECT", "SCRIPT", "LOAD"))
            .Select(parts => Encoding.ASCII.GetBytes(string.Concat(parts)));

    private static Gen<byte[]> Mutated(Gen<byte[]> valid) =>
        from message in valid
        from position in Gen.Choose(0, Math.Max(0, message.Length - 1))
        from kind in Gen.Choose(0, 2)
        from value in Gen.Choose(0, 255)
        select message.Length == 0 ? message : kind switch
        {
            0 => [.. message[..position], (byte)value, .. message[(position + 1)..]],
            1 => [.. message[..position], .. message[(position + 1)..]],
            _ => (byte[])[.. message[..position], .. message[Math.Max(0, position - 3)..]],
        };

    private static byte[] Repeat(string text, int count) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, count)));
}
