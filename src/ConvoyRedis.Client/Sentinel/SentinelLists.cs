namespace ConvoyRedis.Client.Sentinel;

/// <summary>Whom each sentinel listed last (<c>SENTINEL SENTINELS</c>). Not thread-safe.</summary>
internal sealed class SentinelLists
{
    private readonly Dictionary<SentinelLink, IReadOnlyList<SentinelPeer>> _lists = [];

    /// <summary>Everybody who is listed, by anybody.</summary>
    public IEnumerable<SentinelPeer> Peers => _lists.Values.SelectMany(peers => peers).Distinct();

    /// <summary>A sentinel listed the others.</summary>
    public void Note(SentinelLink link, IReadOnlyList<SentinelPeer> peers) => _lists[link] = peers;

    /// <summary>A link has ended, or its sentinel is not to be believed.</summary>
    /// <returns>Whether there was a list.</returns>
    public bool Forget(SentinelLink link) => _lists.Remove(link);

    /// <summary>Whether most of these links' sentinels list a sentinel at this address, as far as they answer.</summary>
    public bool IsKnownToMost(ConvoyRedisEndpoint sentinel, IEnumerable<SentinelLink> links)
    {
        var lists = links.Where(link => link.HasAnswered && _lists.ContainsKey(link)).Select(link => _lists[link]).ToList();
        return lists.Count(peers => peers.Any(peer => peer.Endpoint == sentinel)) * 2 > lists.Count;
    }

    /// <summary>
    /// Whether the sentinel that answered is not the one that the others list at the link's address, or at the address where it answered: another deployment's may have
    /// taken the address of one that is gone. Only those that are connected count, and most of them: one of them alone may be wrong.
    /// </summary>
    public bool IsAnother(SentinelLink link)
    {
        if (link.Id is null)
            return false;
        var ids = _lists.Where(list => list.Key != link && list.Key.HasAnswered)
            .Select(list => list.Value.Where(peer => peer.Endpoint == link.Sentinel || peer.Endpoint == link.Address).Select(peer => peer.Id).ToList())
            .Where(ids => ids.Count > 0).ToList();
        return ids.Count(listed => !listed.Contains(link.Id)) * 2 > ids.Count;
    }
}
