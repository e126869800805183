using System.Diagnostics;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests;

/// <summary>
/// A clock that stands still until a test advances it, and that knows who waits for it. A test waits until the code under test waits, and only
/// then lets time pass: so it takes the same course on a machine of any speed.
/// </summary>
internal sealed class WatchedClock : TimeProvider
{
    /// <summary>When nothing has happened for so long, in real time, all is still.</summary>
    private static readonly TimeSpan Stillness = TimeSpan.FromSeconds(2);

    private readonly FakeTimeProvider _time = new();
    private readonly Lock _gate = new();
    private readonly List<TimeSpan> _set = [];
    private readonly List<Wait> _pending = [];

    /// <summary>Beats whenever somebody begins to wait, and whenever what else a test waits for changes.</summary>
    public Pulse Pulse { get; } = new();

    public override long TimestampFrequency => _time.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _time.GetUtcNow();

    public override long GetTimestamp() => _time.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var wait = new Wait(this, dueTime, _time.CreateTimer(callback, state, dueTime, period));
        lock (_gate)
        {
            _pending.Add(wait);

            // Nobody who waits once sets a period.
            if (period == Timeout.InfiniteTimeSpan && dueTime != Timeout.InfiniteTimeSpan)
                _set.Add(dueTime);
        }

        Pulse.Beat();
        return wait;
    }

    /// <summary>For how long somebody has begun to wait at the present moment.</summary>
    private IReadOnlyList<TimeSpan> Waits
    {
        get
        {
            lock (_gate)
                return [.. _set];
        }
    }

    /// <summary>Lets time pass. Who waited goes on, on threads of its own.</summary>
    public void Advance(TimeSpan time)
    {
        lock (_gate)
            _set.Clear();
        _time.Advance(time);
    }

    /// <summary>Waits until somebody has begun to wait for this long, at the present moment of the clock.</summary>
    /// <param name="time">How long is waited for.</param>
    /// <param name="times">How many times somebody must have begun to.</param>
    public Task WaitedForAsync(TimeSpan time, int times = 1) =>
        WaitedForAsync(waits => waits.Count(wait => wait == time) >= times, $"{times} × {time}");

    /// <summary>Waits until somebody has begun to wait, at the present moment of the clock, as a condition has it.</summary>
    /// <param name="condition">Given how long is waited for each time.</param>
    /// <param name="what">The condition in words.</param>
    public Task WaitedForAsync(Func<IReadOnlyList<TimeSpan>, bool> condition, string what) => Pulse.UntilAsync(
        () => condition(Waits), () => $"Nobody waits for {what}, but for: {string.Join(", ", Waits)}");

    /// <summary>Waits until nobody waits for this long any more, whenever it began.</summary>
    public Task NobodyWaitsForAsync(TimeSpan time) => Pulse.UntilAsync(
        () =>
        {
            lock (_gate)
                return _pending.TrueForAll(wait => wait.DueTime != time);
        },
        () => $"Somebody still waits for {time}.");

    /// <summary>
    /// Lets time pass until something has come about: one step each time when somebody has begun to wait for no longer than that, or when all is still: then
    /// somebody waits for something longer, such as an answer that does not come.
    /// </summary>
    /// <param name="step">How much time passes each time.</param>
    /// <param name="condition">What is to come about; <see cref="Pulse"/> beats when it may have.</param>
    /// <param name="stillness">When nothing has happened for so long, in real time, all is still; by default 2 s.</param>
    public async Task PassUntilAsync(TimeSpan step, Func<bool> condition, TimeSpan? stillness = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Pulse.Limit)
        {
            await Pulse.IsSoAsync(() => condition() || Waits.Any(wait => wait <= step), stillness ?? Stillness);
            if (condition())
                return;
            Advance(step);
        }

        Assert.Fail($"It did not come about. What is waited for: {string.Join(", ", Waits)}");
    }

    private sealed class Wait(WatchedClock clock, TimeSpan dueTime, ITimer timer) : ITimer
    {
        public TimeSpan DueTime => dueTime;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            timer.Dispose();
            lock (clock._gate)
                clock._pending.Remove(this);
            clock.Pulse.Beat();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
