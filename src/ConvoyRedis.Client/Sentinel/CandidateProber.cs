using ConvoyRedis.Client.Connection;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// Asks the candidate of a failover for its ROLE, a thousand times a second, until told to stop: nothing else shows the promotion as
/// early. The promotion closes every connection to the candidate, so the prober reconnects at once.
/// </summary>
internal sealed class CandidateProber(NodeDialer dialer, Action<SentinelObservation> observe) : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private CancellationTokenSource _stop = new();
    private Task _probing = Task.CompletedTask;

    /// <summary>Begins with a candidate; an earlier one is no longer asked.</summary>
    public void Start(ConvoyRedisEndpoint candidate)
    {
        lock (_gate)
        {
            _stop.Cancel();
            _stop = new CancellationTokenSource();
            var stop = _stop.Token;
            var previous = _probing;
            _probing = Task.Run(async () =>
            {
                await previous.ConfigureAwait(false);
                await ProbeAsync(candidate, stop).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Ends the asking.</summary>
    public void Stop()
    {
        lock (_gate)
            _stop.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await _probing.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ProbeAsync(ConvoyRedisEndpoint candidate, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var wasConnected = false;
            try
            {
                using var transport = await dialer.DialAsync(candidate, stop).ConfigureAwait(false);
                wasConnected = true;
                for (var role = transport.Role; ; role = await transport.Resp.ExecuteAsync(["ROLE"], stop).ConfigureAwait(false))
                {
                    observe(new CandidateProbed(candidate, role[0] == "master"));
                    await Task.Delay(Period, stop).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
            {
                if (!wasConnected)
                    await Task.Delay(Period, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
