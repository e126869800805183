using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// Sees every reply, and breaks no circuit: an error that only a replica gives (READONLY, MASTERDOWN) tells at once that the master was
/// demoted. It sees no fire-and-forget command; for those there is the <see cref="Connection.RoleWatcher"/>.
/// </summary>
internal sealed class DemotionBreaker(Action demoted) : CircuitBreaker
{
    public override Accumulator CreateAccumulator() => new Eye(demoted);

    private sealed class Eye(Action demoted) : Accumulator
    {
        public override void ObserveResult(in FaultContext context)
        {
            if (context.ErrorKind is RedisErrorKind.ReadOnly or RedisErrorKind.MasterDown)
                demoted();
        }

        public override bool IsHealthy() => true;

        public override void Reset()
        {
        }
    }
}
