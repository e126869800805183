using ConvoyRedis.Client.Replicas;
using StackExchange.Redis;
using StackExchange.Redis.Availability;
using StackExchange.Redis.KeyspaceIsolation;

namespace ConvoyRedis.Client.Tests.Replicas;

/// <summary>What the wrappers do themselves, and what StackExchange.Redis's own wrappers make of them.</summary>
public sealed class RoutingTests
{
    private readonly ReadRouting _routing = new(ConvoyRedisReadFrom.PreferReplica, () => true);

    [Fact]
    public void GetDatabase_WithoutArguments_IsTheSameEachTime()
    {
        var (multiplexer, calls) = Multiplexer();

        Assert.Same(multiplexer.GetDatabase(), multiplexer.GetDatabase(-1));

        Assert.Single(calls.Calls);
    }

    [Fact]
    public void GetDatabase_WithArguments_PassesThemOn()
    {
        var (multiplexer, calls) = Multiplexer();
        var state = new object();

        Assert.NotSame(multiplexer.GetDatabase(), multiplexer.GetDatabase(3, state));

        Assert.Equal([3, state], calls.Calls[^1].Arguments);
    }

    [Fact]
    public void GetDatabase_Twice_IsEqualIfStackExchangeRedisReturnsTheSame()
    {
        var (multiplexer, calls) = Multiplexer();
        var (first, second) = (multiplexer.GetDatabase(3), multiplexer.GetDatabase(3));
        calls.Returns(nameof(IConnectionMultiplexer.GetDatabase), Recorder.Of<IDatabase>().Double);

        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
        Assert.NotEqual(first, multiplexer.GetDatabase(4));
    }

    [Fact]
    public void Multiplexer_OfADatabaseAndABatch_IsStackExchangeRedissOwn()
    {
        var (database, calls) = Database();
        var own = Recorder.Of<IConnectionMultiplexer>().Double;
        var (batch, batchCalls) = Recorder.Of<IBatch>();
        calls.Returns("get_Multiplexer", own);
        calls.Returns(nameof(IDatabase.CreateBatch), batch);
        batchCalls.Returns("get_Multiplexer", own);

        Assert.Same(own, database.Multiplexer);
        Assert.Same(own, database.CreateBatch().Multiplexer);
    }

    [Fact]
    public void CreateBatch_ReadsAndWrites_AreRouted()
    {
        var (database, calls) = Database();
        var (inner, batchCalls) = Recorder.Of<IBatch>();
        calls.Returns(nameof(IDatabase.CreateBatch), inner);
        var state = new object();

        var batch = database.CreateBatch(state);
        _ = batch.StringGetAsync("key");
        _ = batch.StringSetAsync("key", "value");
        batch.Execute();

        Assert.Equal([state], Assert.Single(calls.Calls).Arguments);
        Assert.Equal(["StringGetAsync", "StringSetAsync", "Execute"], batchCalls.Calls.Select(call => call.Method.Name));
        Assert.Equal(CommandFlags.PreferReplica, batchCalls.Calls[0].Arguments[^1]);
        Assert.Equal(CommandFlags.DemandMaster, batchCalls.Calls[1].Arguments[^1]);
    }

    [Fact]
    public void Execute_WithoutFlags_GoesToTheMaster()
    {
        var (database, calls) = Database();
        var (inner, batchCalls) = Recorder.Of<IBatch>();

        database.Execute("GET", "key");
        _ = database.ExecuteAsync("GET", "key");
        _ = new RoutingBatch(inner, _routing).ExecuteAsync("GET", "key");

        Assert.All([.. calls.Calls, .. batchCalls.Calls], call =>
        {
            Assert.Equal("GET", call.Arguments[0]);
            Assert.Equal<object>(new object[] { "key" }, call.Arguments[1]);
            Assert.Equal(CommandFlags.DemandMaster, call.Arguments[2]);
        });
        Assert.Equal(3, calls.Calls.Count + batchCalls.Calls.Count);
    }

    [Fact]
    public async Task CreateTransaction_GoesToTheMaster()
    {
        var (database, calls) = Database();
        var (inner, ofTransaction) = Recorder.Of<ITransaction>();
        calls.Returns(nameof(IDatabase.CreateTransaction), inner);
        ofTransaction.Returns(nameof(ITransaction.ExecuteAsync), Task.FromResult(true));

        await database.CreateTransaction().ExecuteAsync();

        Assert.Equal(CommandFlags.DemandMaster, ofTransaction.Calls.Single().Arguments.Single());
    }

    [Fact]
    public async Task GetSubscriber_PublishesAtTheMaster()
    {
        var (multiplexer, calls) = Multiplexer();
        var (inner, ofSubscriber) = Recorder.Of<ISubscriber>();
        calls.Returns(nameof(IConnectionMultiplexer.GetSubscriber), inner);
        ofSubscriber.Returns(nameof(ISubscriber.PublishAsync), Task.FromResult(1L));

        await multiplexer.GetSubscriber().PublishAsync(RedisChannel.Literal("channel"), "message");

        Assert.Equal(CommandFlags.DemandMaster, ofSubscriber.Calls.Single().Arguments[^1]);
    }

    // WithRetry() repeats StackExchange.Redis's own only.
    [Fact]
    public void CreateTransaction_ToBeRepeated_IsStackExchangeRedissOwn()
    {
        var (database, calls) = Database();
        var transaction = Recorder.Of<ITransaction>().Double;
        calls.Returns(nameof(IDatabase.CreateTransaction), transaction);

        Assert.Same(transaction, ((IDatabaseAsync)database).CreateTransaction());
    }

    [Fact]
    public void Text_OfEachWrapper_IsThatOfTheInner()
    {
        var (multiplexer, calls) = Multiplexer();
        calls.Returns(nameof(IConnectionMultiplexer.ToString), "cache");
        var (database, batch) = (Recorder.Of<IDatabase>().Double, Recorder.Of<IBatch>().Double);

        Assert.Equal("cache", multiplexer.ToString());
        Assert.Equal(database.ToString(), new RoutingDatabase(database, _routing).ToString());
        Assert.Equal(batch.ToString(), new RoutingBatch(batch, _routing).ToString());
    }

    [Fact]
    public async Task Dispose_Multiplexer_DisposesTheInner()
    {
        var (multiplexer, calls) = Multiplexer();

        ((IDisposable)multiplexer).Dispose();
        await ((IAsyncDisposable)multiplexer).DisposeAsync();

        Assert.Equal(["Dispose", "DisposeAsync"], calls.Calls.Select(call => call.Method.Name));
    }

    [Fact]
    public void WithKeyPrefix_Reads_AreRouted()
    {
        var (database, calls) = Database();
        var (inner, batchCalls) = Recorder.Of<IBatch>();
        calls.Returns(nameof(IDatabase.CreateBatch), inner);

        var prefixed = database.WithKeyPrefix("prefix:");
        prefixed.StringGet("key");
        prefixed.StringSet("key", "value");
        _ = prefixed.CreateBatch().StringGetAsync("key");

        Assert.Equal([(RedisKey)"prefix:key", CommandFlags.PreferReplica], calls.Calls[0].Arguments);
        Assert.Equal((RedisKey)"prefix:key", calls.Calls[1].Arguments[0]);
        Assert.Equal(CommandFlags.DemandMaster, calls.Calls[1].Arguments[^1]);
        Assert.Equal([(RedisKey)"prefix:key", CommandFlags.PreferReplica], Assert.Single(batchCalls.Calls).Arguments);
    }

    [Fact]
    public async Task WithRetry_Reads_AreRoutedAndRetriedByThePolicyOfTheConnection()
    {
        var policy = new CountingPolicy();
        await using var unconnected = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", 1 } },
            AbortOnConnectFail = false,
            ConnectTimeout = 100,
            ConnectRetry = 1,
            BacklogPolicy = BacklogPolicy.FailFast,
            RetryPolicy = policy,
        });
        using var multiplexer = new RoutingMultiplexer(unconnected, _routing);

        var failure = await Assert.ThrowsAsync<RedisConnectionException>(() => multiplexer.GetDatabase().WithRetry().StringGetAsync("key"));

        Assert.Equal(1, policy.Faults);
        Assert.NotNull(failure);
    }

    private (RoutingMultiplexer Multiplexer, Recorder Calls) Multiplexer()
    {
        var (inner, calls) = Recorder.Of<IConnectionMultiplexer>();
        calls.Returns(nameof(IConnectionMultiplexer.GetDatabase), Recorder.Of<IDatabase>().Double);
        return (new RoutingMultiplexer(inner, _routing), calls);
    }

    private (IDatabase Database, Recorder Calls) Database()
    {
        var (inner, calls) = Recorder.Of<IDatabase>();
        return (new RoutingDatabase(inner, _routing), calls);
    }

    private sealed class CountingPolicy : RetryPolicy
    {
        public int Faults { get; private set; }

        public override RetryResult CanRetry(in FaultContext fault)
        {
            Faults++;
            return RetryResult.None;
        }
    }
}
