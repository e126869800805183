using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Watches the candidate of a failover, or a node that sentinels name, until stopped. A promotion by Sentinel closes every connection to the candidate, in the same transaction
/// (CLIENT KILL; Redis's <c>sentinel.c</c>, <c>sentinelSendSlaveOf</c>): when the prober's idle connection ends, it connects again at once, and asks
/// for the ROLE once. Where nothing closes it (the command is renamed, somebody else promotes), a question now and then finds out.
/// </summary>
/// <param name="dialer">Dials the candidate.</param>
/// <param name="observe">Receives each answer.</param>
/// <param name="pace">The pauses between the questions on a connection.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="isNamed">Whether sentinels name the node as the master already: then one that does not show its role is taken for a master.</param>
internal sealed class CandidateProber(
    NodeDialer dialer, Action<FailoverObservation> observe, ProbePace pace, TimeProvider time, ILogger logger, bool isNamed = false) : IAsyncDisposable
{
    /// <summary>The pauses between two attempts when a candidate accepts no connection or ends each one: a node at its <c>maxclients</c> has others to refuse.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan LongestNamedPause = TimeSpan.FromSeconds(1);

    private readonly RestartableWork _probing = new();
    private NodeTransport? _promoted;

    /// <summary>Starts probing a candidate, and stops probing an earlier one.</summary>
    public void Start(ConvoyRedisEndpoint candidate) => _probing.Start(stop => ProbeAsync(candidate, stop));

    /// <summary>Stops probing.</summary>
    public void Stop() => _probing.Stop();

    /// <summary>Takes over the connection on which the candidate says that it is a master, while that is being observed; null if there is none.</summary>
    public NodeTransport? TakeConnection() => Interlocked.Exchange(ref _promoted, null);

    public ValueTask DisposeAsync() => _probing.DisposeAsync();

    private async Task ProbeAsync(ConvoyRedisEndpoint candidate, CancellationToken stop)
    {
        var longest = isNamed ? LongestNamedPause : LongestPause;
        var backoff = new Backoff(FirstPause, longest);
        var isAwaited = true;
        while (!stop.IsCancellationRequested)
        {
            NodeTransport? transport = null;
            var (hasAnswered, isRefused) = (false, false);
            try
            {
                transport = await dialer.DialAsync(candidate, stop).ConfigureAwait(false);
                hasAnswered = true;
                var pause = TimeSpan.Zero;
                for (var role = transport.Role; ; role = await AskAgainAsync(transport, pause, stop).ConfigureAwait(false))
                {
                    // A connection that stood for a while may end by the promotion; one that ends after its first answer ends by something else.
                    isAwaited |= !ReferenceEquals(role, transport.Role);

                    // It will not be seen by ROLE: the failover is followed when the sentinels announce it.
                    var isHidden = role.IsError && !NodeRefusal.IsTemporary(role.Text!);
                    if (isHidden && !isNamed)
                        return;
                    if (role[0] != "master" && !(isHidden && transport.IsMaster != false))
                    {
                        observe(Seen(candidate, isMaster: false));
                        pause = pace.Next(pause);
                        continue;
                    }

                    if (!isHidden)
                        (transport.Role, transport.IsMaster) = (role, true);
                    _promoted = transport;
                    observe(Seen(candidate, isMaster: true));
                    if (TakeConnection() is null)
                    {
                        transport = null;
                        return;
                    }

                    pause = pace.First;
                }
            }
            catch (Exception exception)
            {
                isRefused = exception is ConvoyRedisConnectionException { IsRefusal: true };
                if (exception is not (IOException or ConvoyRedisConnectionException or OperationCanceledException))
                    Log.PartFailed(logger, $"The probe of {candidate}", exception);
            }
            finally
            {
                transport?.Dispose();
            }

            if (isAwaited && hasAnswered)
                (isAwaited, backoff) = (false, new Backoff(FirstPause, longest));
            else
                await Task.Delay(ShortestPause + backoff.Next(isRefused), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private FailoverObservation Seen(ConvoyRedisEndpoint node, bool isMaster) =>
        isNamed ? new NamedAnswered(node, isMaster) : new CandidateProbed(node, isMaster);

    // Reads all the time, to see at once when the connection ends.
    private async Task<RespReply> AskAgainAsync(NodeTransport transport, TimeSpan pause, CancellationToken stop)
    {
        var reading = transport.Resp.ReadAsync(stop);
        await ((Task)reading.WaitAsync(pause * (1 + Random.Shared.NextDouble()), time, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!reading.IsCompleted)
            await transport.Resp.SendAsync(["ROLE"], stop).ConfigureAwait(false);
        return await reading.ConfigureAwait(false);
    }
}
