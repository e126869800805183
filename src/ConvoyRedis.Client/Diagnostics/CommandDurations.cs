using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Reports how long commands take, by StackExchange.Redis's profiling hook. While nobody listens no command is noted. A multiplexer has one such
/// hook: who calls <c>RegisterProfiler</c> takes it over, and these figures end.
/// </summary>
internal sealed class CommandDurations : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ProfilingSession _session = new();
    private readonly Telemetry _telemetry;
    private readonly Func<ConvoyRedisEndpoint?> _master;
    private readonly ITimer _timer;

    public CommandDurations(IConnectionMultiplexer multiplexer, Telemetry telemetry, Func<ConvoyRedisEndpoint?> master, TimeProvider time)
    {
        (_telemetry, _master) = (telemetry, master);
        multiplexer.RegisterProfiler(() => telemetry.Instruments.CommandDuration.Enabled ? _session : null);
        _timer = time.CreateTimer(_ => Report(), null, Period, Period);
    }

    public void Dispose()
    {
        _timer.Dispose();
        Report();
    }

    private void Report()
    {
        foreach (var command in _session.FinishProfiling())
            _telemetry.CommandEnded(command, _master());
    }
}
