using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Reload;

public sealed class CredentialSourceTests
{
    private const int ExpiredEvent = EventIds.CredentialExpired;
    private const int NotRenewedEvent = EventIds.CredentialNotRenewed;

    /// <summary>How often the provider may be asked in ten minutes: after 1, 2, 4, … 60 s.</summary>
    private const int MostCallsInTenMinutes = 16;

    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly WatchedClock _time = new();
    private readonly FakeLogger _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(-3600)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Get_LoginsHaveExpired_BacksOffAndUsesTheLast(int secondsLeft)
    {
        var provider = new ScriptedCredentials(call => new(new ConvoyRedisCredential(null, $"{call}", _time.GetUtcNow().AddSeconds(secondsLeft))));
        var source = Source(provider);

        ConvoyRedisCredential? used = null;
        await EachStepAsync(async () => used = await source.GetAsync(Token));

        Assert.InRange(provider.Calls, 10, MostCallsInTenMinutes);
        Assert.Equal($"{provider.Calls}", used!.Password);
        Assert.Equal(1, _logger.Count(ExpiredEvent));
    }

    [Fact]
    public async Task Get_LoginsExpireInTime_AsksAfterThreeQuarters()
    {
        var provider = new ScriptedCredentials(call => new(new ConvoyRedisCredential(null, $"{call}", _time.GetUtcNow().AddSeconds(100))));
        var source = Source(provider);

        await EachStepAsync(async () => await source.GetAsync(Token));

        Assert.Equal(8, provider.Calls);
        Assert.Equal(0, _logger.Count(ExpiredEvent));
    }

    [Fact]
    public async Task Get_ProviderThrowsFromTheStart_BacksOffAndThrows()
    {
        var provider = new ScriptedCredentials(_ => throw new InvalidOperationException("token-in-the-message"));
        var source = Source(provider);

        await EachStepAsync(async () =>
        {
            var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => source.GetAsync(Token));
            Assert.DoesNotContain("token", exception.Message, StringComparison.Ordinal);
        });

        Assert.InRange(provider.Calls, 10, MostCallsInTenMinutes);
    }

    [Fact]
    public async Task Get_ProviderThrowsLater_UsesTheLastAndTellsOnce()
    {
        var provider = new ScriptedCredentials(call => call == 1
            ? new(new ConvoyRedisCredential(null, "first", _time.GetUtcNow().AddSeconds(10)))
            : throw new InvalidOperationException("gone"));
        var source = Source(provider);

        await EachStepAsync(async () => Assert.Equal("first", (await source.GetAsync(Token)).Password));

        Assert.InRange(provider.Calls, 10, MostCallsInTenMinutes + 1);
        Assert.Equal(1, _logger.Count(NotRenewedEvent));
    }

    [Fact]
    public async Task Get_LoginsAreRefusedEachTime_BacksOff()
    {
        var provider = new ScriptedCredentials(call => new(new ConvoyRedisCredential(null, $"{call}")));
        var source = Source(provider);

        await EachStepAsync(async () =>
        {
            await source.GetAsync(Token);
            source.Refused();
        });

        Assert.InRange(provider.Calls, 10, MostCallsInTenMinutes);
    }

    [Fact]
    public async Task Get_RefusedLongAfterTheLastCall_AsksAtOnce()
    {
        var provider = new ScriptedCredentials(call => new(new ConvoyRedisCredential(null, $"{call}")));
        var source = Source(provider);
        await source.GetAsync(Token);
        _time.Advance(TenMinutes);

        source.Refused();

        Assert.Equal("2", (await source.GetAsync(Token)).Password);
    }

    [Fact]
    public async Task Get_ProviderHangs_EndsAndDoesNotCallItTwice()
    {
        var given = new TaskCompletionSource<ConvoyRedisCredential>();
        var provider = new ScriptedCredentials(_ => new(given.Task));
        var source = Source(provider);

        var exception = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => UntilPatienceEndsAsync(source.GetAsync(Token), waits: 2));
        Assert.Contains("no answer within 10 s", exception.Message, StringComparison.Ordinal);
        _time.Advance(CredentialSource.LongestPause);
        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => UntilPatienceEndsAsync(source.GetAsync(Token), waits: 1));
        Assert.Equal(1, provider.Calls);

        // What it gives in the end is taken.
        given.SetResult(new ConvoyRedisCredential(null, "late"));
        _time.Advance(CredentialSource.LongestPause);
        Assert.Equal("late", (await source.GetAsync(Token)).Password);
    }

    [Fact]
    public async Task Get_ProviderGivesNull_Throws()
    {
        var source = Source(new ScriptedCredentials(_ => new((ConvoyRedisCredential)null!)));

        await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => source.GetAsync(Token));
    }

    private async Task EachStepAsync(Func<Task> step)
    {
        for (var passed = TimeSpan.Zero; passed < TenMinutes; passed += Step)
        {
            await step();
            _time.Advance(Step);
        }
    }

    // The provider is given time, and so is whoever waits for it, who may begin to earlier.
    private async Task<T> UntilPatienceEndsAsync<T>(Task<T> waiting, int waits)
    {
        await _time.WaitedForAsync(CredentialSource.Patience, waits);
        _time.Advance(CredentialSource.Patience);
        return await waiting;
    }

    private CredentialSource Source(IConvoyRedisCredentialProvider provider) => new(provider, ConnectionContexts.Create(_time, _logger));
}
