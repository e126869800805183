using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// Sees every reply, and breaks no circuit: an error that only a replica gives (READONLY, MASTERDOWN) makes the
/// <see cref="Connection.RoleWatcher"/> ask at once. It sees no fire-and-forget command; those wait for the watcher's next question.
/// </summary>
internal sealed class DemotionBreaker(Action suspect) : CircuitBreaker
{
    public override Accumulator CreateAccumulator() => new Eye(suspect);

    private sealed class Eye(Action suspect) : Accumulator
    {
        public override void ObserveResult(in FaultContext context)
        {
            if (context.ErrorKind is RedisErrorKind.ReadOnly or RedisErrorKind.MasterDown)
                suspect();
        }

        public override bool IsHealthy() => true;

        public override void Reset()
        {
        }
    }
}
