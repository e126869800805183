using ConvoyRedis.Client.Diagnostics;
using StackExchange.Redis;
using StackExchange.Redis.Availability;

namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// Sees every error reply, and breaks no circuit. One that only a replica gives (READONLY, MASTERDOWN) makes the
/// <see cref="Connection.RoleMonitor"/> ask at once; one with which a master refuses writes is told to the log. It sees no fire-and-forget
/// command; those wait for the role monitor's next question.
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
