namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Where the logical endpoint leads at this moment: to a node, or nowhere (the old master is given up and the new one is not known).
/// The tunnel moves it; whoever connects follows it.
/// </summary>
internal sealed class MasterPointer : IDisposable
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = NewSignal();
    private CancellationTokenSource _movedAway = new();
    private ConvoyRedisEndpoint? _node;

    /// <summary>The node that the endpoint leads to, or null.</summary>
    public ConvoyRedisEndpoint? Node
    {
        get
        {
            lock (_gate)
                return _node;
        }
    }

    /// <summary>Leads the endpoint to a node, or (null) nowhere.</summary>
    public void MoveTo(ConvoyRedisEndpoint? node)
    {
        TaskCompletionSource moved;
        CancellationTokenSource movedAway;
        lock (_gate)
        {
            if (_node == node)
                return;
            _node = node;
            (moved, _moved) = (_moved, NewSignal());
            (movedAway, _movedAway) = (_movedAway, new CancellationTokenSource());
        }

        moved.SetResult();
        movedAway.Cancel();
        movedAway.Dispose();
    }

    /// <summary>Waits until the endpoint leads to a node. The token is cancelled when it no longer leads to that node.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<(ConvoyRedisEndpoint Node, CancellationToken MovedAway)> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_node is { } node)
                    return (node, _movedAway.Token);
                moved = _moved.Task;
            }

            await moved.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _movedAway.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
