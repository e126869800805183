namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Asks the node at the other end of the command stream for its ROLE, each second and whenever a reply makes it suspect, on a connection of
/// its own to the same address: a master that was demoted without a word (REPLICAOF, a name that moved while the connection stayed) is
/// noticed also by those who only read.
/// </summary>
internal sealed class RoleWatcher : IAsyncDisposable
{
    /// <summary>The time between two questions.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _disposed = new();
    private readonly SemaphoreSlim _suspected = new(0);
    private readonly MasterTunnel _tunnel;
    private readonly NodeDialer _dialer;
    private readonly TimeProvider _time;
    private readonly Task _watching;

    public RoleWatcher(MasterTunnel tunnel, NodeDialer dialer, TimeProvider time)
    {
        (_tunnel, _dialer, _time) = (tunnel, dialer, time);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>A reply was one that only a replica gives: asks at once. The reply alone proves nothing, it may be late and from a node long left.</summary>
    public void Suspect()
    {
        if (_suspected.CurrentCount == 0)
            _suspected.Release();
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _disposed.Dispose();
    }

    private async Task WatchAsync()
    {
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                if (_tunnel.CommandStream?.Transport is { } watched)
                    await WatchAsync(watched, _disposed.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is IOException or ConvoyRedisConnectionException or OperationCanceledException)
            {
                // A node that does not answer is the affair of those who locate the master.
            }

            await Task.Delay(Period, _time, _disposed.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // As long as commands go over this very transport.
    private async Task WatchAsync(NodeTransport watched, CancellationToken cancellationToken)
    {
        using var own = await _dialer.DialAsync(watched.Node, cancellationToken, watched.Address).ConfigureAwait(false);
        var (role, isSuspected) = (own.Role, false);
        while (_tunnel.CommandStream?.Transport == watched)
        {
            // A node that does not let us see its role (ACL) is believed by its replies.
            if (role.IsError ? isSuspected : role[0] != "master")
                _tunnel.LeaveDemoted(watched);
            isSuspected = await _suspected.WaitAsync(Period, cancellationToken).ConfigureAwait(false);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Period);
            role = await own.Resp.ExecuteAsync(["ROLE"], patience.Token).ConfigureAwait(false);
        }
    }
}
