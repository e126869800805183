namespace ConvoyRedis.Tool.Watch;

/// <summary>The last events; what several sentinels say at about one moment is one event.</summary>
internal sealed class EventStream
{
    private const int Kept = 200;

    private static readonly TimeSpan SameWithin = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly List<WatchedEvent> _events = [];

    /// <summary>Told of each event when it is first heard of.</summary>
    public event Action<WatchedEvent>? Added;

    /// <summary>The events until now, the oldest first.</summary>
    public IReadOnlyList<WatchedEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public void Add(string source, string text)
    {
        var added = new WatchedEvent(DateTime.Now, source, text);
        lock (_gate)
        {
            var same = _events.FindLastIndex(other => other.Text == text && other.Source != source && added.At - other.At < SameWithin);
            if (same >= 0)
            {
                _events[same] = _events[same] with { Times = _events[same].Times + 1 };
                return;
            }

            _events.Add(added);
            if (_events.Count > Kept)
                _events.RemoveAt(0);
        }

        Added?.Invoke(added);
    }
}
