using ConvoyRedis.Client.Diagnostics;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// Observes every error reply, and never breaks the circuit. A reply that only a replica gives (READONLY, MASTERDOWN) makes the
/// <see cref="Connection.RoleMonitor"/> ask at once; a reply with which a master refuses writes is logged. Replies to fire-and-forget
/// commands are not visible here; the role monitor's next poll covers them.
/// </summary>
internal sealed class ErrorReplies(Action suspect, WriteRefusals refusals) : CircuitBreaker
{
    public override Accumulator CreateAccumulator() => new Eye(suspect, refusals);

    private sealed class Eye(Action suspect, WriteRefusals refusals) : Accumulator
    {
        public override void ObserveResult(in FaultContext context)
        {
            if (context.ErrorKind is RedisErrorKind.ReadOnly or RedisErrorKind.MasterDown)
                suspect();
            else if (context.ErrorKind is RedisErrorKind.OutOfMemory or RedisErrorKind.Misconfigured or RedisErrorKind.NoReplicas)
                refusals.Note(context.ErrorKind, context.Fault?.Message);
        }

        public override bool IsHealthy() => true;

        public override void Reset()
        {
        }
    }
}
