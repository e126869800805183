using StackExchange.Redis;

namespace ConvoyRedis.Client.Replicas;

/// <summary>A batch whose reads go where the routing says. A read that goes to a replica may not see the writes that were added before it.</summary>
/// <param name="inner">StackExchange.Redis's batch.</param>
/// <param name="routing">Sets the flags.</param>
[Forwards(ReadMethods.Names)]
internal sealed partial class RoutingBatch(IBatch inner, ReadRouting routing) : IBatch
{
    private IBatch Inner { get; } = inner;

    private ReadRouting Routing { get; } = routing;

    /// <inheritdoc/>
    public Task<RedisResult> ExecuteAsync(string command, params object[] args) => Inner.ExecuteAsync(command, args, Routing.Other(CommandFlags.None));

    /// <inheritdoc/>
    public override string? ToString() => Inner.ToString();
}
