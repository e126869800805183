namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// The scripts that StackExchange.Redis believes to be loaded on an endpoint. It remembers each one whose SCRIPT LOAD succeeded, over all of
/// the endpoint's connections, and then sends EVALSHA alone. A node knows only the scripts that were loaded on it, so they must first be
/// sent to every other node of the endpoint. Safe for concurrent use.
/// </summary>
internal sealed class LoadedScripts
{
    /// <summary>
    /// How much is remembered, in bytes. An application has tens of scripts; one that has more puts its values into their text. All of it is
    /// sent, and compiled by the node, on every new connection and in every handover, which is why it is not more.
    /// </summary>
    public const int MostBytes = 1024 * 1024;

    /// <summary>What a script takes beyond its text, in bytes: the array's header and the set's entry.</summary>
    public const int Overhead = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<byte[]> _scripts = new(new ByContent());
    private int _bytes;
    private bool _isIncomplete;

    /// <summary>Why the scripts cannot be loaded on another node; null when they can.</summary>
    public string? Unfit
    {
        get
        {
            lock (_gate)
            {
                return _isIncomplete
                    ? $"its scripts exceed {MostBytes} bytes in total; pass values as arguments instead of writing them into the scripts"
                    : null;
            }
        }
    }

    /// <summary>The commands that load them.</summary>
    public IReadOnlyList<byte[][]> Commands
    {
        get
        {
            lock (_gate)
                return [.. _scripts.Select(script => (byte[][])["SCRIPT"u8.ToArray(), "LOAD"u8.ToArray(), script])];
        }
    }

    /// <summary>A script was loaded.</summary>
    public void Add(byte[] script)
    {
        lock (_gate)
        {
            if (_isIncomplete || !_scripts.Add(script))
                return;
            _bytes += script.Length + Overhead;
            if (_bytes > MostBytes)
                GiveUp();
        }
    }

    /// <summary>
    /// The limit is exceeded: no script is remembered any more. Forgetting only some would silently lose fire-and-forget calls, while a
    /// connection that is cut makes StackExchange.Redis load its scripts again.
    /// </summary>
    public void GiveUp()
    {
        lock (_gate)
        {
            Clear();
            _isIncomplete = true;
        }
    }

    /// <summary>No script is loaded any more.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _scripts.Clear();
            _scripts.TrimExcess();
            (_bytes, _isIncomplete) = (0, false);
        }
    }

    private sealed class ByContent : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] script)
        {
            var hash = default(HashCode);
            hash.AddBytes(script);
            return hash.ToHashCode();
        }
    }
}
