using System.Collections.Concurrent;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Reload;

/// <summary>When the credential provider is asked, and when the login that it gives is applied.</summary>
public sealed class SettingsReloaderLoginTests
{
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(200);

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly ConcurrentQueue<string?> _applied = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static ConvoyRedisTarget Target => new ConvoyRedisOptions { Host = "a" }.Resolve();

    [Fact]
    public async Task Current_ProviderFails_Throws()
    {
        await using var reloader = Create(new ScriptedCredentials(_ => throw new InvalidOperationException("gone")));

        var fault = await Assert.ThrowsAsync<ConvoyRedisConnectionException>(() => reloader.CurrentAsync(Target, Token));

        Assert.Equal(ConvoyRedisFault.Unreachable, fault.Fault);
    }

    [Fact]
    public async Task Reloader_ProviderFailsToRenewALogin_AsksAgainAfterASecondAndAppliesTheNext()
    {
        // It is to be renewed after three quarters of its time, which is between two looks.
        var provider = new ScriptedCredentials(call => call == 2
            ? throw new InvalidOperationException("gone")
            : new(new ConvoyRedisCredential(null, $"login-{call}", call == 1 ? _clock.GetUtcNow().AddSeconds(4) : null)));
        await using var reloader = Create(provider);
        reloader.Start(await reloader.CurrentAsync(Target, Token));
        await AtRestAsync();
        _clock.Advance(SettingsReloader.Period);
        await _clock.WaitedForAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(1, provider.Calls);

        _clock.Advance(TimeSpan.FromSeconds(1));
        await _clock.WaitedForAsync(CredentialSource.FirstPause);
        Assert.Equal(2, provider.Calls);
        Assert.Equal(1, _logger.Count(EventIds.CredentialNotRenewed));
        Assert.Empty(_applied);

        _clock.Advance(CredentialSource.FirstPause);
        await _clock.WaitedForAsync(Settled);
        _clock.Advance(Settled);
        await AtRestAsync();
        Assert.Equal("login-3", Assert.Single(_applied));
    }

    [Fact]
    public async Task Reloader_LoginsHaveExpired_AreAppliedAndNotAskedForAllTheTime()
    {
        var provider = new ScriptedCredentials(call => new(new ConvoyRedisCredential(null, $"login-{call}", _clock.GetUtcNow().AddHours(-1))));
        await using var reloader = Create(provider);

        reloader.Start(await reloader.CurrentAsync(Target, Token));
        await _clock.WaitedForAsync(CredentialSource.FirstPause);
        _clock.Advance(CredentialSource.FirstPause);
        await _clock.WaitedForAsync(Settled);
        _clock.Advance(Settled);
        await _clock.WaitedForAsync(waits => waits.Count > 0, "anything");

        Assert.Equal("login-2", Assert.Single(_applied));
        Assert.Equal(2, provider.Calls);
    }

    [Fact]
    public async Task Look_LoginIsRefused_AsksTheProviderAtOnce()
    {
        var provider = new ScriptedCredentials(call => new(new ConvoyRedisCredential(null, $"login-{call}")));
        await using var reloader = Create(provider);
        reloader.Start(await reloader.CurrentAsync(Target, Token));
        for (var look = 0; look < 2; look++)
        {
            await AtRestAsync();
            _clock.Advance(SettingsReloader.Period);
        }

        await AtRestAsync();
        reloader.Look();

        await _clock.WaitedForAsync(Settled);
        _clock.Advance(Settled);
        await _clock.WaitedForAsync(waits => waits.Count > 0, "anything");
        Assert.Equal("login-2", Assert.Single(_applied));
    }

    private SettingsReloader Create(IConvoyRedisCredentialProvider provider) => new(null, provider, ApplyAsync, ConnectionContexts.Create(_clock, _logger));

    private Task<bool> ApplyAsync(ConvoyRedisTarget target, bool isTlsNew, CancellationToken cancellationToken)
    {
        _applied.Enqueue(target.Password);
        return Task.FromResult(true);
    }

    // The reloader waits until it looks again.
    private Task AtRestAsync() => _clock.WaitedForAsync(SettingsReloader.Period);
}
