using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Polly.Registry;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>A killed master fails what was in flight; retries ride that out, and repeat nothing that may have been applied and counts.</summary>
public sealed class RetryTests
{
    private const int Callers = 32;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WithRetry_MasterKilled_SafeCommandsDoNotFail()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        using var host = await Deployment.StartHostAsync(topology, Token);
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().WithRetry();

        var (rounds, errors) = await KillUnderAsync(topology, host.Services, async (caller, round) =>
        {
            await database.StringSetAsync($"key:{caller}", round);
            Assert.Equal(round, (int)await database.StringGetAsync($"key:{caller}"));
        });

        Assert.Empty(errors);
        Assert.True(rounds > Callers);
    }

    [Fact]
    public async Task WithRetry_MasterKilled_CountsNothingTwice()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        using var host = await Deployment.StartHostAsync(topology, Token);
        var plain = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var database = plain.WithRetry();

        var (rounds, errors) = await KillUnderAsync(topology, host.Services, (_, _) => database.StringIncrementAsync("counter"));

        // What failed was in flight, once for each caller at most, and may have been applied or not.
        Assert.All(errors, error => Assert.IsType<RedisConnectionException>(error));
        Assert.InRange(errors.Count, 0, Callers);
        Assert.InRange((int)await plain.StringGetAsync("counter"), 1, rounds + errors.Count);
    }

    [Fact]
    public async Task Pipeline_MasterKilled_WorkOfSeveralCommandsDoesNotFail()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        using var host = await Deployment.StartHostAsync(topology, Token);
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var pipeline = host.Services.GetRequiredService<ResiliencePipelineProvider<string>>().GetPipeline(ConvoyRedisResilience.PipelineName);

        var (rounds, errors) = await KillUnderAsync(topology, host.Services, async (caller, round) =>
            await pipeline.ExecuteAsync(async _ =>
            {
                await database.HashSetAsync($"hash:{caller}", "round", round);
                await database.HashSetAsync($"hash:{caller}", "twice", round * 2);
            }, Token));

        Assert.Empty(errors);
        Assert.True(rounds > Callers);
    }

    private static async Task<(int Rounds, IReadOnlyCollection<Exception> Errors)> KillUnderAsync(
        SentinelTopology topology, IServiceProvider services, Func<int, int, Task> work)
    {
        var connection = services.GetRequiredService<IConvoyRedisConnection>();
        var moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.MasterChanged += (_, _) => moved.TrySetResult();
        using var stop = new CancellationTokenSource();
        var (rounds, errors) = (0, new System.Collections.Concurrent.ConcurrentQueue<Exception>());
        var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var round = 0; !stop.IsCancellationRequested; round++)
            {
                try
                {
                    await work(caller, round);
                    Interlocked.Increment(ref rounds);
                }
                catch (Exception exception)
                {
                    errors.Enqueue(exception);
                }
            }
        })).ToList();

        await (await topology.GetMasterAsync(Token)).KillAsync();
        await moved.Task.WaitAsync(Bound, Token);
        var before = Volatile.Read(ref rounds);
        await Eventually.TrueAsync(() => Volatile.Read(ref rounds) > before + Callers, Token);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        return (rounds, errors);
    }
}
