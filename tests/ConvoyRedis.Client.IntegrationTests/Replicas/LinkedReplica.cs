using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Replicas;

/// <summary>A replica whose link to its master can be made to pass nothing on.</summary>
internal sealed class LinkedReplica : IAsyncDisposable
{
    private readonly StandaloneRedis _replica;

    private LinkedReplica(StandaloneRedis replica, TcpProxy link) => (_replica, Link) = (replica, link);

    public RedisServer Server => _replica.Server;

    public TcpProxy Link { get; }

    public static async Task<LinkedReplica> StartAsync(StandaloneRedis master, CancellationToken cancellationToken)
    {
        // Else it waits for further replicas, before it copies anything.
        await master.Server.ExecuteAsync("CONFIG", "SET", "repl-diskless-sync-delay", "0");
        var link = TcpProxy.Start(master.Server.Host, master.Server.Port);
        var replica = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = master }, cancellationToken);
        await replica.Server.ExecuteAsync("REPLICAOF", link.Host, $"{link.Port}");
        await Eventually.TrueAsync(async () => await replica.Server.GetInfoAsync("master_link_status", cancellationToken) == "up", cancellationToken);
        return new LinkedReplica(replica, link);
    }

    /// <summary>Whether somebody reads from it.</summary>
    public async Task<bool> IsReadAsync(CancellationToken cancellationToken)
    {
        var before = await Server.CallsAsync("get");
        await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        return await Server.CallsAsync("get") > before;
    }

    public async ValueTask DisposeAsync()
    {
        await _replica.DisposeAsync();
        await Link.DisposeAsync();
    }
}
