using System.Runtime.InteropServices;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// What a master refused because it has become a replica (READONLY). In a failover that it conducts itself (FAILOVER, Redis 6.2; SENTINEL FAILOVER … COORDINATED,
/// Valkey 9), it stops its writers until a replica has all of their writes, and then refuses what they wait for. Nothing of it was executed: the replies from
/// the first refusal on are kept back until the stream continues on the next master, and the commands are written there. For the reader of the stream, except
/// where it says otherwise.
/// </summary>
/// <param name="refused">Called for the first refusal, once for each master.</param>
/// <param name="time">The clock.</param>
internal sealed class RefusedWrites(Action refused, TimeProvider time) : IRefusals
{
    /// <summary>How much is kept back at most.</summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>How long the next master may take to answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly UnansweredCommands _commands = new();
    private readonly List<byte> _unread = [];
    private readonly List<byte> _replies = [];
    private volatile bool _isDue;
    private volatile bool _isMoved;
    private bool _areLost;
    private long _first;
    private int _times;

    /// <summary>How often a node has refused writes. For everybody.</summary>
    public int Times => Volatile.Read(ref _times);

    /// <summary>Whether replies are kept back, because the node refuses writes. For everybody.</summary>
    public bool IsDue => _isDue;

    /// <summary>Whether the stream leads to the next master by now, where nobody writes until what was refused is written again.</summary>
    public bool IsMoved => _isMoved;

    private static ReadOnlySpan<byte> Refusal => "-READONLY"u8;

    public void Written(ReadOnlySpan<byte> bytes, CommandScanner scanner) => _commands.Add(bytes, scanner.Completed, scanner.IsBetweenCommands);

    public void Answered(long answered)
    {
        if (!_isDue)
            _commands.Forget(answered);
    }

    public bool TryHold(ReadOnlySpan<byte> replies, long answered)
    {
        if (!ClusterRefusals.Begins(replies, Refusal))
            return false;
        _unread.AddRange(replies);
        Interlocked.Increment(ref _times);
        (_first, _isDue) = (answered, true);
        return true;
    }

    public void PieceEnded()
    {
    }

    public int Take(Span<byte> buffer) => Take(_unread, buffer);

    /// <summary>Keeps a piece of the replies back.</summary>
    /// <exception cref="IOException">It is too much.</exception>
    public void Keep(ReadOnlySpan<byte> piece)
    {
        if (_replies.Count + piece.Length > MostBytes)
            throw new IOException("Too many replies followed a refused write.");
        var isKnown = _replies.Count >= Refusal.Length;
        _replies.AddRange(piece);
        if (isKnown || _replies.Count < Refusal.Length)
            return;

        // Only its beginning had come.
        if (CollectionsMarshal.AsSpan(_replies).StartsWith(Refusal))
            refused();
        else
            _isDue = false;
    }

    /// <summary>The stream goes on. For whoever holds it.</summary>
    /// <param name="isElsewhere">Whether at the next master.</param>
    /// <returns>Whether the reader writes again what was refused, before anybody else writes there.</returns>
    public bool TryMove(bool isElsewhere)
    {
        _isDue &= isElsewhere;
        return _isMoved = _isDue;
    }

    /// <summary>Writes what was refused, and all that followed, to the next master, and takes its replies.</summary>
    /// <param name="next">Leads to it.</param>
    /// <param name="turn">Given back afterwards.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">Whether something was executed is not known.</exception>
    public async Task SettleAsync(NodeTransport next, WriteTurn turn, CancellationToken cancellationToken)
    {
        try
        {
            _isMoved = false;
            await SettleAsync(next, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Return();
        }
    }

    /// <summary>Passes on what was kept back.</summary>
    /// <param name="buffer">Receives the next piece.</param>
    /// <param name="isEnd">Whether the stream has ended: the refusals are final.</param>
    /// <returns>The length of the piece.</returns>
    public int TakeSettled(Span<byte> buffer, bool isEnd) => _areLost || (_isDue && !isEnd) ? 0 : Take(_replies, buffer);

    private async Task SettleAsync(NodeTransport next, CancellationToken cancellationToken)
    {
        if (_commands.After(_first) is { } commands)
        {
            _areLost = true;
            using var patience = new Deadline(Patience, time, cancellationToken);
            var isRefused = false;
            try
            {
                var settled = await OtherAnswers.ReplaceAsync(commands, _replies.ToArray(), async (command, reply) =>
                {
                    isRefused |= reply.Span.StartsWith(Refusal);
                    return isRefused ? await OtherAnswers.ExecuteAsync(next.Stream, command, patience.Token).ConfigureAwait(false) : null;
                }).ConfigureAwait(false);
                _replies.Clear();
                _replies.AddRange(settled);
            }
            catch (OperationCanceledException exception)
            {
                throw new IOException($"{next.Node} does not answer.", exception);
            }
        }

        (_areLost, _isDue) = (false, false);
    }

    private static int Take(List<byte> bytes, Span<byte> buffer)
    {
        var length = Math.Min(buffer.Length, bytes.Count);
        CollectionsMarshal.AsSpan(bytes)[..length].CopyTo(buffer);
        bytes.RemoveRange(0, length);
        return length;
    }
}
