using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>Arbitrary commands and replies as they go over the wire, and arbitrary ways to cut them into pieces.</summary>
internal static class Pipelines
{
    /// <summary>Arguments that look like anything on the wire, and anything else.</summary>
    private static readonly Gen<byte[]> Payload = Gen.OneOf(
        Gen.Elements("", "key", "*1\r\n$4\r\nECHO\r\n", "$-1\r\n", "\r\n", "MULTI", "convoy-redis:", "*", "$", ">3\r\n", "+OK\r\n").Select(Encoding.UTF8.GetBytes),
        Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number)));

    /// <summary>A data command with a name of no interest.</summary>
    public static Gen<byte[]> Command { get; } =
        from name in Gen.Elements("GET", "SET", "LPUSH", "EVALSHA", "INCR", "XREADGROUP", "PING", "ZRANGEBYSCORE", "CLIENTS", "X")
        from arguments in Gen.ListOf(Payload)
        select Encode([Encoding.ASCII.GetBytes(name), .. arguments]);

    /// <summary>A reply of any kind, RESP2 or RESP3.</summary>
    public static Gen<byte[]> Reply { get; } = Nested(3);

    /// <summary>A message that RESP3 pushes unasked.</summary>
    public static Gen<byte[]> Push { get; } =
        from items in Gen.NonEmptyListOf(Nested(1))
        select Join([Line($">{items.Count}"), .. items]);

    public static byte[] Encode(params IEnumerable<byte[]> arguments)
    {
        var all = arguments.ToList();
        return Join([Line($"*{all.Count}"), .. all.SelectMany(argument => (byte[][])[Line($"${argument.Length}"), argument, Line("")])]);
    }

    public static byte[] Encode(params IEnumerable<string> arguments) => Encode(arguments.Select(Encoding.UTF8.GetBytes));

    public static byte[] Join(IEnumerable<byte[]> parts) => [.. parts.SelectMany(part => part)];

    /// <summary>Cuts bytes into pieces, of one byte and more.</summary>
    public static IEnumerable<byte[]> Cut(byte[] bytes, IReadOnlyList<int> lengths)
    {
        var position = 0;
        for (var piece = 0; position < bytes.Length; piece++)
        {
            var length = lengths.Count == 0 ? bytes.Length : Math.Max(1, lengths[piece % lengths.Count]);
            yield return bytes[position..Math.Min(bytes.Length, position + length)];
            position += length;
        }
    }

    public static Gen<IReadOnlyList<int>> Lengths { get; } =
        Gen.ListOf(Gen.Frequency((3, Gen.Choose(1, 5)), (1, Gen.Choose(1, 200)))).Select(lengths => (IReadOnlyList<int>)[.. lengths]);

    private static Gen<byte[]> Nested(int depth)
    {
        var scalar = Gen.OneOf(
            Gen.Elements("+OK", "-ERR no", ":42", "$-1", "*-1", "*0", "_", "#t", ",1.5", "(123", "%0", "~0", "+", "+>1").Select(Line),
            Payload.Select(payload => Join([Line($"${payload.Length}"), payload, Line("")])),
            Payload.Select(payload => Join([Line($"={payload.Length + 4}"), Encoding.ASCII.GetBytes("txt:"), payload, Line("")])));
        if (depth == 0)
            return scalar;
        var item = Nested(depth - 1);
        var list =
            from type in Gen.Elements('*', '~')
            from items in Gen.ListOf(item)
            select Join([Line($"{type}{items.Count}"), .. items]);
        var map =
            from pairs in Gen.ListOf(item.Zip(item))
            select Join([Line($"%{pairs.Count}"), .. pairs.SelectMany(pair => (byte[][])[pair.Item1, pair.Item2])]);
        var attributed =
            from pair in item.Zip(item)
            from value in item
            select Join([Line("|1"), pair.Item1, pair.Item2, value]);
        return Gen.Frequency((6, scalar), (2, list), (1, map), (1, attributed));
    }

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes(text + "\r\n");
}
