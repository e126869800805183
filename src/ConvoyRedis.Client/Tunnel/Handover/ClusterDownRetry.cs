using System.Runtime.InteropServices;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Asks a cluster's node again for what it refused with CLUSTERDOWN. Before Redis 7.4 a node does so for some milliseconds in a planned failover, when it hears
/// that the old master is a replica before it hears of the new one. Such a refusal executes nothing. The order of the commands is kept: they are written again
/// only if all that followed have been refused too.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ClusterDownRetry(TimeProvider time)
{
    /// <summary>How long a node is asked again: several times as long as a planned failover takes to be known.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private const int ReadBytes = 16 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly UnansweredCommands _commands = new();
    private readonly List<byte> _held = [];
    private int _taken;
    private bool _isInVain;

    /// <summary>Whether replies are held back that have not been settled.</summary>
    public bool IsDue { get; private set; }

    private static ReadOnlySpan<byte> Refusal => "-CLUSTERDOWN"u8;

    /// <summary>Whether a reply that begins like this is a refusal, as far as it has come.</summary>
    public static bool IsRefusal(ReadOnlySpan<byte> reply) => reply.Length < Refusal.Length ? Refusal.StartsWith(reply) : reply.StartsWith(Refusal);

    /// <summary>A piece was written.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="scanner">Has followed it.</param>
    public void Written(ReadOnlySpan<byte> bytes, CommandScanner scanner) => _commands.Add(bytes, scanner.Completed, scanner.IsBetweenCommands);

    /// <summary>Replies have come.</summary>
    /// <param name="answered">The number of replies until now.</param>
    public void Answered(long answered) => _commands.Forget(answered);

    /// <summary>Whether replies are to be held back from a refusal in this piece on, if there is one.</summary>
    public bool IsWanted(ReadOnlySpan<byte> piece)
    {
        var end = piece[^Math.Min(piece.Length, Refusal.Length - 1)..];
        var isRefused = piece.IndexOf(Refusal) >= 0 || (end.LastIndexOf((byte)'-') is >= 0 and var begin && IsRefusal(end[begin..]));
        _isInVain &= isRefused;
        return isRefused && !_isInVain && _held.Count == 0;
    }

    /// <summary>Holds replies back.</summary>
    /// <param name="replies">They begin with a refusal.</param>
    public void Hold(ReadOnlySpan<byte> replies)
    {
        _held.AddRange(replies);
        IsDue = true;
    }

    /// <summary>Gives back the replies that are held back as they are.</summary>
    public void GiveUp() => (IsDue, _isInVain) = (false, true);

    /// <summary>Asks again until the node no longer refuses, or for <see cref="Patience"/>. Nobody else may read or write.</summary>
    /// <param name="stream">Leads to the node.</param>
    /// <param name="answered">The number of replies before those that are held back.</param>
    /// <param name="written">The number of commands until now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SettleAsync(Stream stream, long answered, long written, CancellationToken cancellationToken)
    {
        IsDue = false;
        var began = time.GetTimestamp();
        while (true)
        {
            await ReadAsync(stream, written - answered, cancellationToken).ConfigureAwait(false);
            _isInVain = time.GetElapsedTime(began) > Patience;
            if (_isInVain || !AreAllRefused(written - answered) || _commands.After(answered) is not { } commands)
                return;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            _held.Clear();
            await stream.WriteAsync(commands, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gives settled replies back.</summary>
    /// <returns>How many bytes; 0 if there are none.</returns>
    public int Take(Span<byte> buffer)
    {
        var length = Math.Min(buffer.Length, _held.Count - _taken);
        CollectionsMarshal.AsSpan(_held).Slice(_taken, length).CopyTo(buffer);
        _taken += length;
        if (_taken == _held.Count)
        {
            _held.Clear();
            _taken = 0;
        }

        return length;
    }

    private async Task ReadAsync(Stream stream, long replies, CancellationToken cancellationToken)
    {
        var scanner = new ReplyScanner();
        scanner.Advance(CollectionsMarshal.AsSpan(_held), replies);
        var buffer = new byte[ReadBytes];
        while (scanner.Completed < replies && !scanner.IsLost)
        {
            var read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return;
            scanner.Advance(buffer.AsSpan(0, read), replies);
            _held.AddRange(buffer.AsSpan(0, read));
        }
    }

    private bool AreAllRefused(long replies)
    {
        var scanner = new ReplyScanner();
        var bytes = CollectionsMarshal.AsSpan(_held);
        for (var reply = 1L; reply <= replies; reply++)
        {
            if (!bytes.StartsWith(Refusal))
                return false;
            bytes = bytes[scanner.Advance(bytes, reply)..];
        }

        return bytes.IsEmpty;
    }
}
