namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Parses the server's replies, in pieces of any size: the end of each reply, and the number of replies. RESP2 and RESP3.</summary>
internal sealed class ReplyScanner
{
    /// <summary>The maximum nesting of lists: deeper than the reply of any Redis command, because replies of scripts pass here too.</summary>
    public const int MostDepth = 128;

    private readonly long[] _itemsLeft = new long[MostDepth];
    private int _depth;
    private bool _isPush;
    private byte _type;
    private long _number;
    private bool _isNegative;
    private long _bytesLeft;

    /// <summary>The number of completed replies, without RESP3 push messages.</summary>
    public long Completed { get; private set; }

    /// <summary>Whether there was input that is not Redis's RESP; nothing after that can be parsed.</summary>
    public bool IsLost { get; private set; }

    private bool IsAtRest => _type == 0 && _bytesLeft == 0 && _depth == 0;

    /// <summary>Follows a piece of what the server sends.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="stopAt">The number of completed replies behind which nothing more is followed.</param>
    /// <param name="stopsAtErrors">Whether to stop before an error too, the first byte included.</param>
    /// <returns>How many bytes were followed; fewer than all of them only when stopped.</returns>
    public int Advance(ReadOnlySpan<byte> bytes, long stopAt, bool stopsAtErrors = false)
    {
        var position = 0;
        while (position < bytes.Length && !IsLost)
        {
            if (IsAtRest && ((Completed >= stopAt && bytes[position] != '>') || (stopsAtErrors && bytes[position] == '-')))
                return position;
            if (_bytesLeft > 0)
            {
                var skipped = (int)Math.Min(bytes.Length - position, _bytesLeft);
                _bytesLeft -= skipped;
                position += skipped;
                if (_bytesLeft == 0)
                    EndItem();
                continue;
            }

            position += ReadLine(bytes[position..]);
        }

        return IsLost ? bytes.Length : position;
    }

    private int ReadLine(ReadOnlySpan<byte> bytes)
    {
        var position = 0;
        if (_type == 0)
        {
            IsLost = !"+-:,#(_$=!*~>%|"u8.Contains(bytes[0]);
            if (IsLost)
                return 0;
            (_type, _number, _isNegative) = (bytes[0], 0, false);
            _isPush |= _type == '>' && _depth == 0;
            position = 1;
        }

        // Only lengths are read; a text line is skipped to its end.
        if (!HasLength(_type))
        {
            var end = bytes[position..].IndexOf((byte)'\n');
            if (end < 0)
                return bytes.Length;
            EndLine();
            return position + end + 1;
        }

        for (; position < bytes.Length; position++)
        {
            var letter = bytes[position];
            if (letter == '\n')
            {
                EndLine();
                return position + 1;
            }

            if (letter == '-')
                _isNegative = true;
            else if (letter is >= (byte)'0' and <= (byte)'9')
                _number = (_number * 10) + (letter - '0');
            else
                IsLost |= letter != '\r';
            IsLost |= _number > int.MaxValue;
            if (IsLost)
                break;
        }

        return position;
    }

    private void EndLine()
    {
        var type = _type;
        _type = 0;
        switch (type)
        {
            case (byte)'$' or (byte)'=' or (byte)'!' when !_isNegative:
                _bytesLeft = _number + 2;
                break;
            case (byte)'*' or (byte)'~' or (byte)'>' when _number > 0 && !_isNegative:
                Begin(_number);
                break;
            case (byte)'%' when _number > 0 && !_isNegative:
                Begin(_number * 2);
                break;
            case (byte)'|' when !_isNegative:
                // Attributes precede the reply that they belong to, and do not count as items.
                Begin((_number * 2) + 1);
                break;
            case (byte)'+' or (byte)'-' or (byte)':' or (byte)',' or (byte)'#' or (byte)'(' or (byte)'_'
                or (byte)'$' or (byte)'=' or (byte)'!' or (byte)'*' or (byte)'~' or (byte)'>' or (byte)'%':
                EndItem();
                break;
            default:
                IsLost = true;
                break;
        }
    }

    private void Begin(long items)
    {
        IsLost = _depth == MostDepth;
        if (!IsLost)
            _itemsLeft[_depth++] = items;
    }

    private void EndItem()
    {
        while (_depth > 0)
        {
            if (--_itemsLeft[_depth - 1] > 0)
                return;
            _depth--;
        }

        if (_isPush)
            _isPush = false;
        else
            Completed++;
    }

    private static bool HasLength(byte type) => type is (byte)'$' or (byte)'*' or (byte)'=' or (byte)'!' or (byte)'~' or (byte)'>' or (byte)'%' or (byte)'|';
}
