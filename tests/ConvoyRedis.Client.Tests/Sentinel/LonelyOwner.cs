using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Sentinel;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>The owner of one link, which knows no other.</summary>
internal sealed class LonelyOwner(Action<FailoverObservation> observe) : ISentinelLinkOwner
{
    public void Observe(SentinelLink link, FailoverObservation observation) => observe(observation);

    public void OnListed(SentinelLink link, IReadOnlyList<SentinelPeer> peers)
    {
    }

    public void OnChanged(SentinelLink link)
    {
    }

    public void OnMet(SentinelLink link, ConvoyRedisEndpoint name)
    {
    }

    public bool IsAnother(SentinelLink link) => false;

    public ConvoyRedisEndpoint? NextName(SentinelLink link) => null;
}
