namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The configured names of the sentinels, and whom they lead to. One name in front of all of them (a Kubernetes Service, a load balancer) leads each connection to
/// another one. Not thread-safe.
/// </summary>
/// <param name="configured">The names.</param>
internal sealed class SentinelNames(IEnumerable<ConvoyRedisEndpoint> configured)
{
    /// <summary>How often a name is tried for others than its own sentinel, until it is known to lead to several.</summary>
    private const int MostTries = 8;

    /// <summary>How many of the ids that a name led to are remembered.</summary>
    private const int MostIds = 64;

    private readonly List<SentinelName> _names = [.. configured.Distinct().Select(endpoint => new SentinelName(endpoint))];
    private int _next;

    /// <summary>Whether a name leads to several sentinels.</summary>
    public bool IsShared(ConvoyRedisEndpoint name) => _names.Exists(known => known.Endpoint == name && known.IsShared);

    /// <summary>A sentinel with this id answered at a name. The same one may get a new id; an id that comes back is that of another one.</summary>
    public void Note(ConvoyRedisEndpoint endpoint, string? id)
    {
        if (id is null || _names.Find(known => known.Endpoint == endpoint) is not { } name || id == name.Last)
            return;
        name.IsShared |= name.Ids.Contains(id);
        name.Last = id;
        if (name.Ids.Count < MostIds)
            name.Ids.Add(id);
    }

    /// <summary>A name to try for a sentinel that is not reached otherwise; null if there is none.</summary>
    public ConvoyRedisEndpoint? Next()
    {
        for (var tried = 0; tried < _names.Count; tried++)
        {
            var name = _names[_next++ % _names.Count];
            if (name.IsShared || name.Tries++ < MostTries)
                return name.Endpoint;
        }

        return null;
    }

    private sealed class SentinelName(ConvoyRedisEndpoint endpoint)
    {
        public ConvoyRedisEndpoint Endpoint => endpoint;

        public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);

        public string? Last { get; set; }

        public bool IsShared { get; set; }

        public int Tries { get; set; }
    }
}
