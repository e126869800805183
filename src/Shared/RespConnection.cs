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
    private byte[] _buffer = new byte[1024];
    private int _start;
    private int _end;

    /// <summary>Sends a command and reads its reply. An error reply is returned, not thrown.</summary>
    /// <exception cref="IOException">The connection ended, or the peer does not speak RESP.</exception>
    public async Task<RespReply> ExecuteAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        await SendAsync(command, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(cancellationToken).ConfigureAwait(false);
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
    /// <exception cref="IOException">The connection ended, or the peer does not speak RESP.</exception>
    public async Task<RespReply> ReadAsync(CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (line.Length == 0)
            throw new IOException("The peer does not speak RESP: an empty line came in place of a reply.");

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
                if (count < 0)
                    return RespReply.Null;
                var items = new RespReply[line[0] == '%' ? count * 2 : count];
                for (var i = 0; i < items.Length; i++)
                    items[i] = await ReadAsync(cancellationToken).ConfigureAwait(false);
                return new RespReply(null, items);
            default:
                throw new IOException($"The peer does not speak RESP: a reply began with byte {(int)line[0]}.");
        }
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new IOException("The peer does not speak RESP: a length is no number.");

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, _start, length);
                _start += length + 2;
                return line;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string> ReadBulkAsync(int length, CancellationToken cancellationToken)
    {
        while (_end - _start < length + 2)
            await FillAsync(cancellationToken).ConfigureAwait(false);
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
