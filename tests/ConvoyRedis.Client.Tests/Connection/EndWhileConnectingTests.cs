using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Cancelling, stopping and disposing return soon, whatever keeps the connection from its master.</summary>
public sealed class EndWhileConnectingTests
{
    // It takes less than a second, and took up to three times connect_timeout, which is 10 s here.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(4);

    // A fault is to fail the test, not to hold it for ever.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static TheoryData<ConnectStage> Stages => [.. Enum.GetValues<ConnectStage>()];

    public static TheoryData<ConnectStage> StagesWithoutServices => [.. Enum.GetValues<ConnectStage>().Where(stage => stage < ConnectStage.Credentials)];

    public static MatrixTheoryData<ConnectStage, bool> StagesAndWays => new(Enum.GetValues<ConnectStage>(), [false, true]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(StagesWithoutServices))]
    public async Task ConnectAsync_Cancelled_ReturnsSoon(ConnectStage stage)
    {
        await using var obstacle = new ConnectObstacle(stage);
        var options = new ConvoyRedisOptions();
        obstacle.Set(options);
        using var cancellation = new CancellationTokenSource();
        var connecting = ConvoyRedisConnection.ConnectAsync(options, cancellation.Token);
        await obstacle.IsMetAsync(Token);

        var began = Stopwatch.GetTimestamp();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Limit, Token));

        AssertSoon(began);
        await obstacle.AssertIsLeftAsync(Token);
    }

    [Theory]
    [MemberData(nameof(StagesAndWays))]
    public async Task Dispose_WhileConnecting_ReturnsSoon(ConnectStage stage, bool synchronously)
    {
        await using var obstacle = new ConnectObstacle(stage);
        var services = new ServiceCollection();
        obstacle.Register(services);
        var provider = services.BuildServiceProvider();
        var waiting = provider.GetRequiredService<IConvoyRedisConnection>().GetMultiplexerAsync(Token);
        var resolving = Task.Factory.StartNew(
            provider.GetRequiredService<IConnectionMultiplexer>, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await obstacle.IsMetAsync(Token);

        var began = Stopwatch.GetTimestamp();
        await Task.Run(() => DisposeAsync(provider, synchronously), Token).WaitAsync(Limit, Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Limit, Token));
        await Assert.ThrowsAnyAsync<Exception>(() => resolving.WaitAsync(Limit, Token));

        AssertSoon(began);
        await obstacle.AssertIsLeftAsync(Token);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task StopAsync_WhileConnecting_ReturnsSoon(ConnectStage stage)
    {
        await using var obstacle = new ConnectObstacle(stage);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        obstacle.Register(builder.Services);
        var host = builder.Build();
        await host.StartAsync(Token);
        await obstacle.IsMetAsync(Token);

        var began = Stopwatch.GetTimestamp();
        await host.StopAsync(Token).WaitAsync(Limit, Token);
        await ((IAsyncDisposable)host).DisposeAsync().AsTask().WaitAsync(Limit, Token);

        AssertSoon(began);
        await obstacle.AssertIsLeftAsync(Token);
    }

    private static async Task DisposeAsync(ServiceProvider provider, bool synchronously)
    {
        if (synchronously)
            provider.Dispose();
        else
            await provider.DisposeAsync();
    }

    private static void AssertSoon(long began)
    {
        var elapsed = Stopwatch.GetElapsedTime(began);
        TestContext.Current.TestOutputHelper?.WriteLine($"{elapsed.TotalMilliseconds:F0} ms");
        Assert.InRange(elapsed, TimeSpan.Zero, Bound);
    }
}
