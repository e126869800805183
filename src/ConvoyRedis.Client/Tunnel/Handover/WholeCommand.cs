namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Finds the ends of commands by their lengths: the fast path of <see cref="CommandScanner"/>, since nearly all commands arrive in one piece.</summary>
internal static class WholeCommand
{
    /// <summary>The length of a command that is complete and irrelevant for the session; otherwise 0.</summary>
    /// <param name="bytes">What begins with a command.</param>
    /// <param name="name">The command's name.</param>
    public static int Length(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> name) =>
        LengthOfAny(bytes, out name) is var length && SessionState.Concerns(name) ? 0 : length;

    /// <summary>The length of a command that is complete; otherwise 0.</summary>
    /// <param name="bytes">What begins with a command.</param>
    /// <param name="name">The command's name.</param>
    public static int LengthOfAny(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> name)
    {
        name = default;
        var position = 0;
        var arguments = ReadNumber(bytes, ref position, (byte)'*');
        for (var argument = 0; argument < arguments; argument++)
        {
            var length = ReadNumber(bytes, ref position, (byte)'$');
            if (length < 0 || length > bytes.Length - position - 2)
                return 0;
            if (argument == 0)
                name = bytes.Slice(position, length);
            position += length + 2;
        }

        return arguments > 0 ? position : 0;
    }

    // The number in a line like $12; -1 if there is no such line.
    private static int ReadNumber(ReadOnlySpan<byte> bytes, ref int position, byte type)
    {
        if ((uint)position >= (uint)bytes.Length || bytes[position] != type)
            return -1;
        var number = 0;
        for (var i = position + 1; i < bytes.Length && number < int.MaxValue / 10; i++)
        {
            var digit = bytes[i] - '0';
            if ((uint)digit > 9)
            {
                position = i + 2;
                return bytes[i..].StartsWith("\r\n"u8) ? number : -1;
            }

            number = (number * 10) + digit;
        }

        return -1;
    }
}
