namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>Whose turn it is to write to a stream: the writer's, during a command or a transaction, or somebody's who holds the stream.</summary>
internal sealed class WriteTurn : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _wanted;
    private bool _isWriters;

    /// <summary>Whether the writer is to stop at the next point at which nothing is in progress.</summary>
    public bool IsWanted => Volatile.Read(ref _wanted) > 0;

    /// <summary>Takes the turn from the writer as soon as nothing is in progress.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; the writer may go on.</exception>
    public async Task TakeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _wanted);
        try
        {
            await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _wanted);
        }
    }

    /// <summary>Gives the turn back.</summary>
    public void Return() => _turn.Release();

    /// <summary>The writer begins, or goes on with what is in progress.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_isWriters)
            return Task.CompletedTask;
        var taking = _turn.WaitAsync(cancellationToken);
        _isWriters = true;
        return taking;
    }

    /// <summary>The writer has nothing in progress.</summary>
    public void End()
    {
        _isWriters = false;
        _turn.Release();
    }

    public void Dispose() => _turn.Dispose();
}
