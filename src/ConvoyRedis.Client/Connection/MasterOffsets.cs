namespace ConvoyRedis.Client.Connection;

/// <summary>A master's offsets in its replication history, once a second: from these, a replica's own offset tells how far behind it is. Safe for concurrent use.</summary>
/// <param name="longest">How long an offset is kept; when the newest is older, nothing is known.</param>
/// <param name="time">The clock.</param>
internal sealed class MasterOffsets(TimeSpan longest, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long At, long Offset)> _known = [];

    /// <summary>Notes the present offset.</summary>
    public void Note(long offset)
    {
        lock (_gate)
        {
            while (_known.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) > longest)
                _known.Dequeue();
            _known.Enqueue((time.GetTimestamp(), offset));
        }
    }

    /// <summary>Forgets them: the next ones are another master's.</summary>
    public void Clear()
    {
        lock (_gate)
            _known.Clear();
    }

    /// <summary>
    /// Whether a replica has what the master had at a time that is known, no longer than this before it last answered. Null if no offset is known.
    /// </summary>
    /// <param name="offset">The replica's offset.</param>
    /// <param name="lag">How long before.</param>
    public bool? IsWithin(long offset, TimeSpan lag)
    {
        lock (_gate)
        {
            if (_known.Count == 0)
                return null;
            var newest = _known.Last().At;
            return time.GetElapsedTime(newest) <= longest && _known.Any(known => known.Offset <= offset && time.GetElapsedTime(known.At, newest) <= lag);
        }
    }

    /// <summary>
    /// How far a replica was behind when the master last answered: since when it lacks something, at most. Null if no offset is known.
    /// </summary>
    /// <param name="offset">The replica's offset.</param>
    public TimeSpan? Behind(long offset)
    {
        lock (_gate)
        {
            if (_known.Count == 0)
                return null;
            var newest = _known.Last();
            if (time.GetElapsedTime(newest.At) > longest)
                return TimeSpan.MaxValue;

            // One that has less than all that is known is behind for at least as long as something is.
            var copied = _known.MaxBy(known => known.Offset <= offset ? known.At : long.MinValue);
            return time.GetElapsedTime(copied.At, newest.At);
        }
    }
}
