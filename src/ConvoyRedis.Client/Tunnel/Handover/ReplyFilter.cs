using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// Selects the replies that StackExchange.Redis must see: everything after the replies to our own commands and before those to the marker.
/// </summary>
/// <param name="ownReplies">The replies to commands of our own that come first.</param>
/// <param name="session">Receives which of its commands were accepted.</param>
/// <param name="durations">Receives each reply; null if replies and commands do not correspond one to one.</param>
internal sealed class ReplyFilter(int ownReplies, SessionState session, CommandDurations? durations)
{
    private readonly ReplyScanner _replies = new();

    /// <summary>Whether there was input that is not a reply: nothing after that can be parsed.</summary>
    public bool IsLost => _replies.IsLost;

    /// <summary>The replies to StackExchange.Redis's commands until now.</summary>
    public long Answered => _replies.Completed - ownReplies;

    /// <summary>Filters a piece of what came, in place.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="marker">The outstanding marker; null if there is none.</param>
    /// <param name="node">The node that sent it.</param>
    /// <param name="refusals">Holds back what follows a refusal; null for nobody.</param>
    /// <returns>How many bytes at the beginning are for StackExchange.Redis.</returns>
    /// <exception cref="IOException">The replies to our own commands are not RESP.</exception>
    public int Filter(Span<byte> bytes, DrainMarker? marker, ConvoyRedisEndpoint node, IRefusals? refusals = null)
    {
        if (_replies.Completed < ownReplies && !_replies.IsLost)
        {
            var own = _replies.Advance(bytes, ownReplies);
            bytes[own..].CopyTo(bytes);
            bytes = bytes[..^own];
            if (_replies.IsLost)
                throw new IOException($"{node} does not speak RESP.");
        }

        var end = marker?.RepliesBefore ?? long.MaxValue;
        var position = 0;
        while (position < bytes.Length)
        {
            var answer = Math.Min(session.NextAnswer, long.MaxValue - ownReplies) + ownReplies;
            position += _replies.Advance(bytes[position..], Math.Min(answer, end), stopsAtErrors: refusals is not null);
            if (position == bytes.Length)
                break;
            if (_replies.Completed >= end)
            {
                marker!.Read(bytes[position..]);
                break;
            }

            if (refusals?.TryHold(bytes[position..], Answered) == true)
                break;

            // Else it stopped for an error that is for StackExchange.Redis.
            if (_replies.Completed >= answer)
                session.Answered(isError: bytes[position] is (byte)'-' or (byte)'!');
            else
                position += _replies.Advance(bytes[position..], _replies.Completed + 1);
        }

        refusals?.PieceEnded();

        if (_replies.IsLost)
        {
            // StackExchange.Redis finds out for itself; what waits for an answer here must not grow meanwhile.
            session.StopAwaiting();
            durations?.Lost(node);
        }
        else
        {
            durations?.Answered(_replies.Completed - ownReplies, node);
        }

        return position;
    }
}
