using StackExchange.Redis;

namespace ConvoyRedis.Client.Replicas;

/// <summary>A multiplexer whose databases send reads where the routing says. Its servers are StackExchange.Redis's own.</summary>
/// <param name="inner">StackExchange.Redis's multiplexer; disposed with this one.</param>
/// <param name="routing">Sets the flags.</param>
[Forwards(ReadMethods.Names)]
internal sealed partial class RoutingMultiplexer(IConnectionMultiplexer inner, ReadRouting routing) : IConnectionMultiplexer
{
    private RoutingDatabase? _default;

    private IConnectionMultiplexer Inner { get; } = inner;

    private ReadRouting Routing { get; } = routing;

    /// <summary>A database. Without arguments, each call returns the same object, unless two threads are the first to ask.</summary>
    public IDatabase GetDatabase(int db = -1, object? asyncState = null) =>
        db == -1 && asyncState is null ? _default ??= Routed(db, asyncState) : Routed(db, asyncState);

    /// <summary>A subscriber.</summary>
    public ISubscriber GetSubscriber(object? asyncState = null) => new RoutingSubscriber(Inner.GetSubscriber(asyncState), Routing);

    /// <inheritdoc cref="IConnectionMultiplexer.ToString"/>
    public override string ToString() => Inner.ToString();

    private RoutingDatabase Routed(int db, object? asyncState) => new(Inner.GetDatabase(db, asyncState), Routing);
}
