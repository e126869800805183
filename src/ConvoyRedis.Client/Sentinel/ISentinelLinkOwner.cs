using ConvoyRedis.Client.Failover;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>Knows all links, and is told of what happens on each.</summary>
internal interface ISentinelLinkOwner
{
    /// <summary>The sentinel said something, or is lost.</summary>
    void Observe(SentinelLink link, FailoverObservation observation);

    /// <summary>The sentinel listed the others that it knows.</summary>
    void OnListed(SentinelLink link, IReadOnlyList<SentinelPeer> peers);

    /// <summary><see cref="SentinelLink.HasAnswered"/> or <see cref="SentinelLink.Fault"/> has changed.</summary>
    void OnChanged(SentinelLink link);

    /// <summary>A sentinel has answered at a name with its id, <see cref="SentinelLink.Id"/>.</summary>
    void OnMet(SentinelLink link, ConvoyRedisEndpoint name);

    /// <summary>Whether the sentinel that answered is not the one that the others list at the link's address.</summary>
    bool IsAnother(SentinelLink link);

    /// <summary>Another name by which the link's sentinel may be reached; null if there is none to try.</summary>
    ConvoyRedisEndpoint? NextName(SentinelLink link);
}
