using StackExchange.Redis;

namespace ConvoyRedis.Client.Replicas;

/// <summary>
/// A database whose reads go where the routing says. Its multiplexer is StackExchange.Redis's own: <c>WithRetry()</c>
/// takes the connection's retry policy from there; with any other multiplexer, it uses a default policy.
/// </summary>
/// <param name="inner">StackExchange.Redis's database.</param>
/// <param name="routing">Sets the flags.</param>
[Forwards(ReadMethods.Names)]
internal sealed partial class RoutingDatabase(IDatabase inner, ReadRouting routing) : IDatabase
{
    private IDatabase Inner { get; } = inner;

    private ReadRouting Routing { get; } = routing;

    /// <inheritdoc/>
    public IBatch CreateBatch(object? asyncState = null) => new RoutingBatch(Inner.CreateBatch(asyncState), Routing);

    /// <inheritdoc/>
    public ITransaction CreateTransaction(object? asyncState = null) => new RoutingTransaction(Inner.CreateTransaction(asyncState), Routing);

    /// <inheritdoc/>
    public RedisResult Execute(string command, params object[] args) => Inner.Execute(command, args, Routing.Other(CommandFlags.None));

    /// <inheritdoc/>
    public Task<RedisResult> ExecuteAsync(string command, params object[] args) => Inner.ExecuteAsync(command, args, Routing.Other(CommandFlags.None));

    /// <summary>Whether both are the same database: StackExchange.Redis keeps one object for each, which may have several wrappers.</summary>
    public override bool Equals(object? obj) => obj is RoutingDatabase other && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <inheritdoc/>
    public override string? ToString() => Inner.ToString();
}
