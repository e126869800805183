namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>What a node refused, and executed nothing of, is settled before StackExchange.Redis sees it and fails it.</summary>
internal interface IRefusals
{
    /// <summary>A piece was written.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="scanner">Has followed it.</param>
    void Written(ReadOnlySpan<byte> bytes, CommandScanner scanner);

    /// <summary>Replies have come.</summary>
    /// <param name="answered">The number of replies until now.</param>
    void Answered(long answered);

    /// <summary>Holds replies back if the first of them, as far as it has come, is a refusal to be settled.</summary>
    /// <param name="replies">The replies.</param>
    /// <param name="answered">The number of replies before them.</param>
    bool TryHold(ReadOnlySpan<byte> replies, long answered);

    /// <summary>A piece of the replies has ended.</summary>
    void PieceEnded();

    /// <summary>Gives back what was held, to be read once more.</summary>
    /// <returns>How many bytes; 0 if there are none.</returns>
    int Take(Span<byte> buffer);
}
