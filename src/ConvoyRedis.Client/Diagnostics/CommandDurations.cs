using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Reports how long commands take, by StackExchange.Redis's profiling hook. Until somebody listens the hook is not even registered, which is
/// found out each second. A multiplexer has one such hook: who calls <c>RegisterProfiler</c> takes it over, and these figures end.
/// </summary>
internal sealed class CommandDurations : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly ProfilingSession _session = new();
    private readonly IConnectionMultiplexer _multiplexer;
    private readonly Telemetry _telemetry;
    private readonly Func<ConvoyRedisEndpoint?> _master;
    private readonly ITimer _timer;
    private bool _isRegistered;

    public CommandDurations(IConnectionMultiplexer multiplexer, Telemetry telemetry, Func<ConvoyRedisEndpoint?> master, TimeProvider time)
    {
        (_multiplexer, _telemetry, _master) = (multiplexer, telemetry, master);
        RegisterOnceWanted();
        _timer = time.CreateTimer(_ => Report(), null, Period, Period);
    }

    private bool IsWanted => _telemetry.Instruments.CommandDuration.Enabled;

    public void Dispose()
    {
        _timer.Dispose();
        Report();
    }

    private void Report()
    {
        RegisterOnceWanted();
        if (!_isRegistered)
            return;
        foreach (var command in _session.FinishProfiling())
            _telemetry.CommandEnded(command, _master());
    }

    private void RegisterOnceWanted()
    {
        if (_isRegistered || !IsWanted)
            return;
        _isRegistered = true;
        _multiplexer.RegisterProfiler(() => IsWanted ? _session : null);
    }
}
