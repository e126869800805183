using System.Collections.Concurrent;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Reload;

/// <summary>When the settings are looked at, and when what they say is applied.</summary>
public sealed class SettingsReloaderTests
{
    /// <summary>How long what was read must stand until it is applied.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(200);

    private readonly WatchedClock _clock = new();
    private readonly FakeLogger _logger = new();
    private readonly ConcurrentQueue<ConvoyRedisTarget> _applied = new();
    private Func<ConvoyRedisOptions> _settings = () => new ConvoyRedisOptions { Host = "a" };
    private Func<Task<bool>> _apply = () => Task.FromResult(true);
    private int _reads;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IEnumerable<string> Hosts => _applied.Select(target => target.Endpoints[0].Host);

    [Fact]
    public async Task Reloader_NothingChanges_ReadsEvery2SecondsAndAppliesNothing()
    {
        await using var reloader = Start();

        for (var look = 0; look < 5; look++)
        {
            await AtRestAsync();
            Assert.Equal(look, _reads);
            _clock.Advance(SettingsReloader.Period);
        }

        await AtRestAsync();
        Assert.Empty(_applied);
    }

    [Fact]
    public async Task Reloader_SettingsChanged_AreAppliedWhenTheyHaveStoodFor200Milliseconds()
    {
        await using var reloader = Start();
        await LookAsync("b");

        await _clock.WaitedForAsync(Settled);
        Assert.Empty(_applied);
        _clock.Advance(Settled);

        await AtRestAsync();
        Assert.Equal(["b"], Hosts);
    }

    [Fact]
    public async Task Reloader_SettingsChangeInTheMeantime_OnlyWhatStandsIsApplied()
    {
        await using var reloader = Start();
        await LookAsync("half");
        foreach (var host in (string[])["b", "c"])
        {
            await _clock.WaitedForAsync(Settled);
            _settings = () => new ConvoyRedisOptions { Host = host };
            _clock.Advance(Settled);
        }

        await _clock.WaitedForAsync(Settled);
        Assert.Empty(_applied);
        _clock.Advance(Settled);

        await AtRestAsync();
        Assert.Equal(["c"], Hosts);
    }

    [Fact]
    public async Task Reloader_SettingsGoBackInTheMeantime_NothingIsApplied()
    {
        await using var reloader = Start();
        await LookAsync("b");
        await _clock.WaitedForAsync(Settled);
        _settings = () => new ConvoyRedisOptions { Host = "a" };
        _clock.Advance(Settled);

        await AtRestAsync();
        Assert.Empty(_applied);
    }

    [Fact]
    public async Task Reloader_SettingsAreWrong_SaysSoOnceForEachProblem()
    {
        await using var reloader = Start();
        var problems = new List<int>();
        foreach (var host in (string[])["", "", "a b", "a b", ""])
        {
            await LookAsync(host);
            await AtRestAsync();
            problems.Add(_logger.Count(EventIds.ReloadFailed));
        }

        Assert.Equal([1, 1, 2, 2, 3], problems);
        Assert.Empty(_applied);
    }

    [Fact]
    public async Task Reloader_SettingsAreWrongAgainAfterAChange_SaysSoAgain()
    {
        await using var reloader = Start();
        await LookAsync("");
        await LookAsync("b");
        await _clock.WaitedForAsync(Settled);
        _clock.Advance(Settled);

        await LookAsync("");
        await AtRestAsync();

        Assert.Equal(["b"], Hosts);
        Assert.Equal(2, _logger.Count(EventIds.ReloadFailed));
    }

    [Fact]
    public async Task Look_ReloaderWaits_ReadsAtOnce()
    {
        await using var reloader = Start();
        await AtRestAsync();
        _settings = () => new ConvoyRedisOptions { Host = "b" };

        reloader.Look();

        await _clock.WaitedForAsync(Settled);
        _clock.Advance(Settled);
        await AtRestAsync();
        Assert.Equal(["b"], Hosts);
    }

    [Fact]
    public async Task Reloader_ApplyingFails_IsTriedAgainWithEachLookAndSaidOnce()
    {
        _apply = () => throw new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, "b is not reached.");
        await using var reloader = Start();
        await LookAsync("b");
        for (var failed = 1; failed <= 3; failed++)
        {
            await _clock.WaitedForAsync(Settled);
            _clock.Advance(Settled);
            await AtRestAsync();
            Assert.Equal(failed, _applied.Count);
            _clock.Advance(SettingsReloader.Period);
        }

        Assert.Equal(1, _logger.Count(EventIds.ReloadFailed));
        await _clock.WaitedForAsync(Settled);
        _apply = () => Task.FromResult(true);
        _clock.Advance(Settled);
        await AtRestAsync();
        _clock.Advance(SettingsReloader.Period);
        await AtRestAsync();
        Assert.Equal(["b", "b", "b", "b"], Hosts);
    }

    [Fact]
    public async Task Reloader_NotEveryServerTookTheChange_IsAppliedAgainWithTheNextLook()
    {
        var isTaken = false;
        _apply = () => Task.FromResult(isTaken);
        await using var reloader = Start();
        await LookAsync("b");
        await _clock.WaitedForAsync(Settled);
        _clock.Advance(Settled);

        await AtRestAsync();
        isTaken = true;
        for (var look = 0; look < 3; look++)
        {
            _clock.Advance(SettingsReloader.Period);
            await AtRestAsync();
        }

        Assert.Equal(["b", "b"], Hosts);
    }

    [Fact]
    public async Task Current_SettingsAreWrong_GivesTheLastOnes()
    {
        await using var reloader = Create();
        _settings = () => new ConvoyRedisOptions { Host = "" };

        var target = await reloader.CurrentAsync(Target("last"), Token);

        Assert.Equal("last", target.Endpoints[0].Host);
        Assert.Equal(1, _logger.Count(EventIds.ReloadFailed));
    }

    private static ConvoyRedisTarget Target(string host) => new ConvoyRedisOptions { Host = host }.Resolve();

    private SettingsReloader Create() => new(Read, provider: null, ApplyAsync, ConnectionContexts.Create(_clock, _logger));

    private SettingsReloader Start()
    {
        var reloader = Create();
        reloader.Start(Target("a"));
        return reloader;
    }

    private ConvoyRedisOptions Read()
    {
        Interlocked.Increment(ref _reads);
        return _settings();
    }

    private Task<bool> ApplyAsync(ConvoyRedisTarget target, bool isTlsNew, CancellationToken cancellationToken)
    {
        _applied.Enqueue(target);
        return _apply();
    }

    // The reloader waits until it looks again.
    private Task AtRestAsync() => _clock.WaitedForAsync(SettingsReloader.Period);

    // From now on the settings are these, and the reloader looks.
    private async Task LookAsync(string host)
    {
        await AtRestAsync();
        _settings = () => new ConvoyRedisOptions { Host = host };
        _clock.Advance(SettingsReloader.Period);
    }
}
