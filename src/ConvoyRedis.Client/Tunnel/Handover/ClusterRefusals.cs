using System.Runtime.InteropServices;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Settles what a cluster's node refused, before StackExchange.Redis sees it and fails it. Such a refusal executes nothing.
/// CLUSTERDOWN: the node is asked again. Before Redis 7.4 a node refuses so for some milliseconds in a planned failover, when it hears
/// that the old master is a replica before it hears of the new one, and from the moment when a master
/// is marked as failed until its successor is elected. The order of the commands is kept: they are written again
/// only if all that followed have been refused too. ASK: see <see cref="AskRedirect"/>.
/// </summary>
/// <param name="redirect">Asks other nodes.</param>
/// <param name="time">The clock.</param>
internal sealed class ClusterRefusals(AskRedirect redirect, TimeProvider time) : IRefusals
{
    /// <summary>
    /// How long a node is asked again: as long as an election takes, during which every node refuses (cluster.c: a replica waits 0.5 to 1 s before it stands,
    /// and 1 s longer for each that has copied more).
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int ReadBytes = 16 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly UnansweredCommands _commands = new();
    private readonly List<byte> _held = [];
    private int _taken;
    private bool _isInVain;
    private bool _isDown;

    /// <summary>Whether replies are held back that have not been settled.</summary>
    public bool IsDue { get; private set; }

    private static ReadOnlySpan<byte> Down => "-CLUSTERDOWN"u8;

    /// <summary>Whether a reply begins with a text, as far as it has come.</summary>
    public static bool Begins(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> text) => reply.Length < text.Length ? text.StartsWith(reply) : reply.StartsWith(text);

    public void Written(ReadOnlySpan<byte> bytes, CommandScanner scanner) => _commands.Add(bytes, scanner.Completed, scanner.IsBetweenCommands);

    public void Answered(long answered) => _commands.Forget(answered);

    public bool TryHold(ReadOnlySpan<byte> replies, long answered)
    {
        var isDown = Begins(replies, Down);
        _isDown |= isDown;
        if (isDown ? _isInVain : !redirect.Concerns(replies))
            return false;
        _held.AddRange(replies);
        return IsDue = true;
    }

    /// <summary>If nothing was refused in a piece, to ask again is worth while.</summary>
    public void PieceEnded() => (_isInVain, _isDown) = (_isInVain && _isDown, false);

    /// <summary>Asks again until the node no longer refuses, or for <see cref="Patience"/>; and other nodes. Nobody else may read.</summary>
    /// <param name="stream">Leads to the node.</param>
    /// <param name="turn">Taken meanwhile; a transaction may be in progress that waits for what is held back.</param>
    /// <param name="replies">Has followed the replies before those that are held back.</param>
    /// <param name="commands">Has followed the commands.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task SettleAsync(Stream stream, WriteTurn turn, ReplyFilter replies, CommandScanner commands, CancellationToken cancellationToken)
    {
        using var patience = new Deadline(Patience, time, cancellationToken);
        var taking = turn.TakeAsync(patience.Token);
        await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!taking.IsCompletedSuccessfully)
        {
            (IsDue, _isInVain) = (false, true);
            return;
        }

        try
        {
            await SettleAsync(stream, replies.Answered, commands.Completed, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Return();
        }
    }

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

    private async Task SettleAsync(Stream stream, long answered, long written, CancellationToken cancellationToken)
    {
        IsDue = false;
        var began = time.GetTimestamp();
        byte[]? commands;
        while (true)
        {
            await ReadAsync(stream, written - answered, cancellationToken).ConfigureAwait(false);
            _isInVain = time.GetElapsedTime(began) > Patience;
            commands = _commands.After(answered);
            if (_isInVain || !AreAllDown(written - answered) || commands is null)
                break;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            _held.Clear();
            await stream.WriteAsync(commands, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        if (commands is null)
            return;
        var settled = await redirect.SettleAsync(commands, _held.ToArray(), cancellationToken).ConfigureAwait(false);
        _held.Clear();
        _held.AddRange(settled);
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

    private bool AreAllDown(long replies)
    {
        var scanner = new ReplyScanner();
        var bytes = CollectionsMarshal.AsSpan(_held);
        for (var reply = 1L; reply <= replies; reply++)
        {
            if (!bytes.StartsWith(Down))
                return false;
            bytes = bytes[scanner.Advance(bytes, reply)..];
        }

        return bytes.IsEmpty;
    }
}
