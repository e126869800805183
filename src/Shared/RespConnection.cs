using System.Globalization;
using System.Text;

namespace ConvoyRedis.Shared;

/// <summary>
/// Asks one Redis node one command at a time, over a stream of the caller's. This is for the few questions that must be asked on a
/// socket of their own within a millisecond (is this node a master yet?), where a multiplexer's handshake would be the larger part;
/// everything else goes through StackExchange.Redis.
/// </summary>
internal sealed class RespConnection(Stream stream)
{
    /// <summary>How deep the lists of a reply may be nested. What is asked here nests four deep at most (CLUSTER SLOTS).</summary>
    public const int MostDepth = 16;

    /// <summary>How many items all lists of a reply may have together.</summary>
    public const int MostItems = 100_000;

    /// <summary>How long a reply may be, in bytes.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>How long a line may be, in bytes; Redis's own are bounded likewise.</summary>
    public const int LongestLine = 64 * 1024;

    private const int FirstBuffer = 1024;

    private byte[] _buffer = new byte[FirstBuffer];
    private int _start;
    private int _end;
    private int _bytesLeft;
    private int _itemsLeft;
    private string? _unparsed;

    /// <summary>What the peer sent last and was not understood, as text: another protocol, or a line that does not end. Empty if there is none.</summary>
    public string Unparsed => _unparsed ?? Encoding.UTF8.GetString(_buffer, _start, _end - _start);

    /// <summary>Receives what a RESP3 server sends on its own account, when the reply behind it is read.</summary>
    public Action<RespReply>? Pushed { get; set; }

    /// <summary>Sends a command and reads its reply. An error reply is returned, not thrown.</summary>
    /// <exception cref="IOException">The connection ended, or the peer does not speak RESP.</exception>
    public async Task<RespReply> ExecuteAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        await SendAsync(command, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            // The reply to SUBSCRIBE is a push as well.
            var reply = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!reply.IsPush || reply[0] == "subscribe")
                return reply;
            Pushed?.Invoke(reply);
        }
    }

    /// <summary>Sends a command whose replies <see cref="ReadAsync"/> reads: a subscription, or a ping on one.</summary>
    public Task SendAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        SendAsync([.. command.Select(Encoding.UTF8.GetBytes)], cancellationToken);

    /// <inheritdoc cref="SendAsync(IReadOnlyList{string}, CancellationToken)" />
    public Task SendAsync(IReadOnlyList<byte[]> command, CancellationToken cancellationToken) => SendAllAsync([command], cancellationToken);

    /// <summary>Sends commands in one go; <see cref="ReadAsync"/> reads their replies.</summary>
    public async Task SendAllAsync(IReadOnlyList<IReadOnlyList<byte[]>> commands, CancellationToken cancellationToken)
    {
        using var encoded = new MemoryStream();
        foreach (var command in commands)
            Encode(command, encoded);
        await stream.WriteAsync(encoded.GetBuffer().AsMemory(0, (int)encoded.Length), cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Encode(IReadOnlyList<byte[]> command, MemoryStream encoded)
    {
        void Line(string text) => encoded.Write(Encoding.ASCII.GetBytes(text + "\r\n"));
        Line(string.Create(CultureInfo.InvariantCulture, $"*{command.Count}"));
        foreach (var argument in command)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"${argument.Length}"));
            encoded.Write(argument);
            Line("");
        }
    }

    /// <summary>Reads the next reply, or what a subscription pushes.</summary>
    /// <exception cref="IOException">
    /// The connection ended, or the peer does not speak RESP or exceeds a bound. Nothing that follows is understood: close the connection.
    /// </exception>
    public Task<RespReply> ReadAsync(CancellationToken cancellationToken)
    {
        if (_start == _end && _buffer.Length > LongestLine)
            _buffer = new byte[FirstBuffer];
        (_bytesLeft, _itemsLeft) = (MostBytes, MostItems);
        return ReadNestedAsync(depth: 0, cancellationToken).AsTask();
    }

    // What has arrived already needs no task: a sentinel's answer has a hundred items.
    private async ValueTask<RespReply> ReadNestedAsync(int depth, CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (line.Length == 0)
            throw NotResp("received an empty line instead of a reply");

        var text = line[1..];
        switch (line[0])
        {
            case '+' or ':' or ',' or '#' or '(':
                return new RespReply(text, []);
            case '-':
                return new RespReply(text, [], IsError: true);
            case '_':
                return RespReply.Null;
            case '$' or '=' or '!':
                var length = Number(text);
                return length < 0
                    ? RespReply.Null
                    : new RespReply(await ReadBulkAsync(length, cancellationToken).ConfigureAwait(false), [], line[0] == '!');
            case '*' or '~' or '>' or '%':
                var count = Number(text);
                return count < 0
                    ? RespReply.Null
                    : new RespReply(
                        null, await ReadItemsAsync(line[0] == '%' ? 2L * count : count, depth, cancellationToken).ConfigureAwait(false), IsPush: line[0] == '>');
            default:
                _unparsed = line;
                throw NotResp($"a reply began with byte {(int)line[0]}");
        }
    }

    // An announced count reserves nothing: the list grows by what really comes.
    private async ValueTask<List<RespReply>> ReadItemsAsync(long count, int depth, CancellationToken cancellationToken)
    {
        if (depth == MostDepth)
            throw NotResp($"a reply is nested more than {MostDepth} deep");
        if (count > _itemsLeft)
            throw NotResp($"a reply has more than {MostItems} items");
        _itemsLeft -= (int)count;
        var items = new List<RespReply>();
        for (var i = 0; i < count; i++)
            items.Add(await ReadNestedAsync(depth + 1, cancellationToken).ConfigureAwait(false));
        return items;
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw NotResp("a length is not a number");

    private static IOException NotResp(string what) => new($"The peer does not speak RESP, or its reply is too large: {what}.");

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length > LongestLine || (length < 0 && _end - _start > LongestLine))
                throw NotResp($"a line is longer than {LongestLine} bytes");
            if (length >= 0)
                return Take(length);
            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<string> ReadBulkAsync(int length, CancellationToken cancellationToken)
    {
        if (length > _bytesLeft)
            throw NotResp($"a reply is longer than {MostBytes} bytes");
        while (_end - _start < length + 2)
            await FillAsync(cancellationToken).ConfigureAwait(false);
        return _buffer.AsSpan(_start + length, 2).SequenceEqual("\r\n"u8) ? Take(length) : throw NotResp("a string is not followed by CRLF");
    }

    private string Take(int length)
    {
        _bytesLeft -= length + 2;
        if (_bytesLeft < -2)
            throw NotResp($"a reply is longer than {MostBytes} bytes");
        var text = Encoding.UTF8.GetString(_buffer, _start, length);
        _start += length + 2;
        return text;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw new EndOfStreamException("The server closed the connection.");
        _end += read;
    }
}
