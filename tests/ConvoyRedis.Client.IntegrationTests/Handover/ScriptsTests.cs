using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Handover;

/// <summary>
/// Scripts that StackExchange.Redis believes to be loaded are there on every node that it is led to: a call that nobody waits for cannot be
/// repeated by anybody.
/// </summary>
public sealed class ScriptsTests
{
    private const int Calls = 100;

    private const string Increment = "return redis.call('INCR', KEYS[1])";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UnawaitedCalls_ConnectionDroppedThenPlannedFailover_AllApply()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.ScriptEvaluateAsync(Increment, ["loads"]);
        await DropConnectionAsync(await topology.GetMasterAsync(Token), database);

        var change = await FailOverAsync(topology, connection);
        await CallAsync(() => database.ScriptEvaluateAsync(Increment, ["calls"], flags: CommandFlags.FireAndForget));
        await database.PingAsync();

        Assert.NotNull(change.PossiblyLostBytes);
        Assert.Equal(Calls, (int)await database.StringGetAsync("calls"));
    }

    [Fact]
    public async Task UnawaitedCallsByHash_MasterDies_AllApplyOnTheNextOne()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        var hash = await multiplexer.GetServers()[0].ScriptLoadAsync(Increment);
        var changed = ChangeOf(connection);

        await (await topology.GetMasterAsync(Token)).KillAsync();
        await changed.WaitAsync(Bound, Token);
        await CallAsync(() => database.ScriptEvaluateAsync(hash, ["calls"], flags: CommandFlags.FireAndForget));
        await database.PingAsync();

        Assert.Equal(Calls, (int)await database.StringGetAsync("calls"));
    }

    [Fact]
    public async Task ScriptThatDoesNotCompile_PlannedFailover_IsHandedOverWithoutIt()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var multiplexer = await connection.GetMultiplexerAsync(Token);
        var database = multiplexer.GetDatabase();
        await Assert.ThrowsAsync<RedisServerException>(() => database.ScriptEvaluateAsync("this does not compile"));
        await Assert.ThrowsAsync<RedisServerException>(() => database.ExecuteAsync("SELECT", "99"));
        await Assert.ThrowsAsync<RedisServerException>(() => database.ExecuteAsync("CLIENT", "SETINFO", "lib-nonsense", "x"));
        await using var load = new Load(database, writers: 64, bytes: 100);
        await Eventually.TrueAsync(() => load.Acknowledged > 100, Token);

        var change = await FailOverAsync(topology, connection);
        await load.StopAsync();

        Assert.Empty(load.Errors);
        Assert.NotNull(change.PossiblyLostBytes);
    }

    [Fact]
    public async Task ScriptWithinATransaction_PlannedFailover_IsHandedOver()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase(3);
        var transaction = database.CreateTransaction();
        var called = transaction.ScriptEvaluateAsync(Increment, ["calls"]);
        Assert.True(await transaction.ExecuteAsync());
        Assert.Equal(1, (int)await called);

        var change = await FailOverAsync(topology, connection);

        Assert.NotNull(change.PossiblyLostBytes);
        Assert.Equal(1, (int)await database.StringGetAsync("calls"));
    }

    [Fact]
    public async Task TooManyScripts_PlannedFailover_IsCutAndNoCallIsLostAfterwards()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var logs = new FakeLogCollector();
        using var factory = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(logs)));
        await using var connection = await ConvoyRedisConnection.ConnectAsync(topology.Options(), factory, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await database.ScriptEvaluateAsync(Increment, ["loads"]);
        for (var number = 0; number < 20; number++)
            await database.ScriptEvaluateAsync($"return {number} -- {new string('x', 64 * 1024)}");

        var change = await FailOverAsync(topology, connection);
        await CallAsync(() => database.ScriptEvaluateAsync(Increment, ["calls"], flags: CommandFlags.FireAndForget));
        await database.PingAsync();

        Assert.Null(change.PossiblyLostBytes);
        Assert.Contains(logs.GetSnapshot(), entry => entry.Message.Contains("its scripts exceed", StringComparison.Ordinal));
        Assert.Equal(Calls, (int)await database.StringGetAsync("calls"));
    }

    private static async Task CallAsync(Func<Task> call)
    {
        for (var number = 0; number < Calls; number++)
            await call();
    }

    private static async Task DropConnectionAsync(RedisServer master, IDatabase database)
    {
        var id = (string?)await database.ExecuteAsync("CLIENT", "ID");
        await master.ExecuteAsync("CLIENT", "KILL", "ID", id!);
        await Eventually.TrueAsync(async () => await IdAsync(database) is { } now && now != id, Token);
    }

    // Null while the connection is being replaced.
    private static async Task<string?> IdAsync(IDatabase database)
    {
        try
        {
            return (string?)await database.ExecuteAsync("CLIENT", "ID");
        }
        catch (RedisConnectionException)
        {
            return null;
        }
    }

    private static async Task<MasterChangedEventArgs> FailOverAsync(SentinelTopology topology, ConvoyRedisConnection connection)
    {
        await topology.WaitUntilSettledAsync(Token);
        var changed = ChangeOf(connection);
        await topology.FailoverAsync(Token);
        return await changed.WaitAsync(Bound, Token);
    }

    private static Task<MasterChangedEventArgs> ChangeOf(ConvoyRedisConnection connection)
    {
        var changed = new TaskCompletionSource<MasterChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, change) => changed.TrySetResult(change);
        return changed.Task;
    }
}
