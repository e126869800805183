using StackExchange.Redis;

namespace ConvoyRedis.Client.Replicas;

/// <summary>A transaction, which goes to the master: StackExchange.Redis would send it to a replica while the master is not connected.</summary>
/// <param name="inner">StackExchange.Redis's transaction.</param>
/// <param name="routing">Sets the flags.</param>
[Forwards("")]
internal sealed partial class RoutingTransaction(ITransaction inner, ReadRouting routing) : ITransaction
{
    private ITransaction Inner { get; } = inner;

    private ReadRouting Routing { get; } = routing;

    /// <inheritdoc/>
    public override string? ToString() => Inner.ToString();
}
