using StackExchange.Redis;

namespace ConvoyRedis.Client.Replicas;

/// <summary>
/// Subscriptions and messages, which go to the master: StackExchange.Redis would send PUBLISH to a replica while the master is not connected, and only that
/// replica's subscribers would hear of it.
/// </summary>
/// <param name="inner">StackExchange.Redis's subscriber.</param>
/// <param name="routing">Sets the flags.</param>
[Forwards("")]
internal sealed partial class RoutingSubscriber(ISubscriber inner, ReadRouting routing) : ISubscriber
{
    private ISubscriber Inner { get; } = inner;

    private ReadRouting Routing { get; } = routing;

    /// <inheritdoc/>
    public override string? ToString() => Inner.ToString();
}
