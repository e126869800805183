namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// The node that the logical endpoint points to, or none (the old master is dead and the new one is not known).
/// The tunnel moves the pointer; connects follow it.
/// </summary>
internal sealed class MasterPointer : IDisposable
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _moved = NewSignal();
    private CancellationTokenSource _movedAway = new();
    private ConvoyRedisEndpoint? _node;

    /// <summary>A pointer to a node.</summary>
    public static MasterPointer To(ConvoyRedisEndpoint node) => new() { _node = node };

    /// <summary>The node that the endpoint points to, or null.</summary>
    public ConvoyRedisEndpoint? Node
    {
        get
        {
            lock (_gate)
                return _node;
        }
    }

    /// <summary>Points the endpoint to a node, or to none (null).</summary>
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

    /// <summary>Waits until the endpoint points to a node. The token is cancelled when it no longer points to that node.</summary>
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
