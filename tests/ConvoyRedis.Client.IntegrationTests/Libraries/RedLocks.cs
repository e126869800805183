using RedLockNet;
using RedLockNet.SERedis;
using RedLockNet.SERedis.Configuration;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>
/// RedLock.net: one instance of a service holds a lock all the time, which RedLock.net extends, and another one tries to get it; both take turns with a second one.
/// </summary>
internal sealed class RedLocks : ILibrary
{
    private const string Held = "held";
    private const string InTurn = "in turn";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    // Extended at each half: an outage of up to 4 s does not outlast it.
    private static readonly TimeSpan Expiry = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(20);

    private readonly IConnectionMultiplexer _multiplexer;
    private readonly RedLockFactory _one;
    private readonly RedLockFactory _other;
    private readonly List<Repeated> _working = [];
    private IRedLock? _held;
    private int _both;
    private int _inside;
    private bool _isHeld;
    private string? _owner;

    public RedLocks(IConnectionMultiplexer multiplexer)
    {
        _multiplexer = multiplexer;
        (_one, _other) = (Factory(), Factory());
        RedLockFactory Factory() => RedLockFactory.Create([new RedLockMultiplexer(multiplexer)], new RedLockRetryConfiguration(retryCount: 1));
    }

    public Calls Calls { get; } = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _held = await _one.CreateLockAsync(Held, Expiry);
        Assert.True(_held.IsAcquired);
        _working.Add(new Repeated(Pause, _ => Calls.MakeAsync(TryHeldAsync)));
        _working.AddRange(((RedLockFactory[])[_one, _other]).Select(factory => new Repeated(Pause, _ => Calls.MakeAsync(() => TakeTurnAsync(factory)))));
    }

    public async Task StopAsync(Outage outage, CancellationToken cancellationToken)
    {
        // An extension that failed says that the lock is lost until the next one: only another owner is an answer.
        var extended = _held!.ExtendCount;
        await Eventually.TrueAsync(() => _held.ExtendCount > extended || _held.Status == RedLockStatus.Conflicted, cancellationToken);
        await Task.WhenAll(_working.Select(work => work.StopAsync()));
        _isHeld = _held.IsAcquired;
        _owner = await _multiplexer.GetDatabase().StringGetAsync($"redlock:{Held}");
    }

    public string Check(Outage outage)
    {
        Assert.Equal(0, _both);
        Assert.Equal(_isHeld, _owner == _held!.LockId);
        if (outage.IsPlanned)
        {
            Assert.True(_isHeld);
            Assert.Empty(Calls.Errors);
        }

        return $"the lock is {(_isHeld ? "held" : "lost, and says so")}, {_held.ExtendCount} extensions";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var work in _working)
            await work.DisposeAsync();
        if (_held is not null)
            await _held.DisposeAsync();
        _one.Dispose();
        _other.Dispose();
    }

    private async Task TryHeldAsync()
    {
        var isHeld = _held!.IsAcquired;
        await using var attempt = await _other.CreateLockAsync(Held, Expiry);
        if (isHeld && attempt.IsAcquired && _held.IsAcquired)
            Interlocked.Increment(ref _both);
        FailUnless(attempt.Status is RedLockStatus.Conflicted or RedLockStatus.Acquired, attempt);
    }

    private async Task TakeTurnAsync(RedLockFactory factory)
    {
        await using var turn = await factory.CreateLockAsync(InTurn, Expiry, Wait, Retry);
        FailUnless(turn.IsAcquired, turn);
        if (Interlocked.Increment(ref _inside) > 1)
            Interlocked.Increment(ref _both);
        await Task.Yield();
        Interlocked.Decrement(ref _inside);
    }

    // RedLock.net throws nothing: it says so.
    private static void FailUnless(bool isAnswered, IRedLock attempt)
    {
        if (!isAnswered)
            throw new InvalidOperationException($"{attempt.Status}, {attempt.InstanceSummary}");
    }
}
