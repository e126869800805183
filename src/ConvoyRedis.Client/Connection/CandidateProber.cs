using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Asks the candidate of a failover for its ROLE, a thousand times a second, until stopped: nothing else shows the promotion as
/// early. The promotion closes every connection to the candidate, so the prober reconnects at once.
/// </summary>
/// <param name="dialer">Dials the candidate.</param>
/// <param name="observe">Receives each answer.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class CandidateProber(NodeDialer dialer, Action<FailoverObservation> observe, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest pause between two attempts when a candidate accepts no connection or ends each one.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private CancellationTokenSource _stop = new();
    private Task _probing = Task.CompletedTask;

    /// <summary>Starts probing a candidate, and stops probing an earlier one.</summary>
    public void Start(ConvoyRedisEndpoint candidate)
    {
        lock (_gate)
        {
            _stop.Cancel();
            _stop = new CancellationTokenSource();
            var stop = _stop.Token;
            var previous = _probing;
            _probing = Background.Run(async () =>
            {
                await previous.ConfigureAwait(false);
                await ProbeAsync(candidate, stop).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Stops probing.</summary>
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
        var backoff = new Backoff(Period, LongestPause);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var transport = await dialer.DialAsync(candidate, stop).ConfigureAwait(false);
                for (var role = transport.Role; ; role = await transport.Resp.ExecuteAsync(["ROLE"], stop).ConfigureAwait(false))
                {
                    // It will not be seen by ROLE: the failover is followed when the sentinels announce it.
                    if (role.IsError && !NodeRefusal.IsTemporary(role.Text!))
                        return;
                    observe(new CandidateProbed(candidate, role[0] == "master"));

                    // A candidate that refuses ROLE, or ends each connection after the first answer, is asked at increasing intervals.
                    if (!role.IsError && !ReferenceEquals(role, transport.Role))
                        backoff.Reset();
                    await Task.Delay(role.IsError ? backoff.Next() : Period, time, stop).ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                if (exception is not (IOException or ConvoyRedisConnectionException or OperationCanceledException))
                    Log.PartFailed(logger, $"The probe of {candidate}", exception);
                await Task.Delay(backoff.Next(), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
