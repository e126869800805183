namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>The system's clock, whose timers end when they are disposed of asynchronously, and throw all the same.</summary>
internal sealed class FaultyTimers : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Faulty(base.CreateTimer(callback, state, dueTime, period));

    internal sealed class Fault : Exception
    {
        public Fault()
            : base("The timer's disposal failed.")
        {
        }
    }

    private sealed class Faulty(ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

        public void Dispose() => inner.Dispose();

        public async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            throw new Fault();
        }
    }
}
