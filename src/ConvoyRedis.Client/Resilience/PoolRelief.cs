namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// Lets the thread pool grow while somebody waits for a connection and the pool stands still. Connecting needs threads of the pool, and those who wait may
/// block all of them: the factory of a container can only block, and admits one caller at a time. By itself, the pool then grows by one or two threads a second,
/// so that a hundred callers would wait for a minute. Safe for concurrent use.
/// </summary>
internal static class PoolRelief
{
    /// <summary>How long the pool must have completed nothing, although work waits there and processors are idle, until it is given threads.</summary>
    private const int StandstillMilliseconds = 20;

    /// <summary>The share of the processors above which the threads of the pool are at work, and not blocked.</summary>
    private const double Busy = 0.9;

    /// <summary>How many threads it is given at a time.</summary>
    private const int Step = 16;

    /// <summary>How many threads it may have, so that a flood of requests does not become one of threads.</summary>
    private const int MostThreads = 1000;

    /// <summary>For how many looks after the last wait this goes on (10 s): the first commands of those who waited block threads too.</summary>
    private const int Linger = 500;

    private static readonly Lock Gate = new();
    private static int _waiting;
    private static bool _isWatched;

    /// <summary>Whether the pool is being watched, and its minimum may be raised.</summary>
    public static bool IsWatching
    {
        get
        {
            lock (Gate)
                return _isWatched;
        }
    }

    /// <summary>Waits for a connection.</summary>
    public static async Task<T> WhileAsync<T>(Task<T> waiting)
    {
        if (waiting.IsCompleted)
            return await waiting.ConfigureAwait(false);
        Begin();
        try
        {
            return await waiting.ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static void Begin()
    {
        Interlocked.Increment(ref _waiting);
        lock (Gate)
        {
            if (_isWatched)
                return;
            _isWatched = true;
        }

        // A thread of its own, and no timer: timers need the pool too.
        new Thread(Watch) { IsBackground = true, Name = "ConvoyRedis pool relief" }.UnsafeStart();
    }

    private static void Watch()
    {
        ThreadPool.GetMinThreads(out var usual, out var ports);
        var raised = usual;
        var last = (Completed: -1L, Processor: TimeSpan.Zero);
        for (var idle = 0; !TryEnd(idle, usual, raised); idle = Volatile.Read(ref _waiting) > 0 ? 0 : idle + 1)
        {
            Thread.Sleep(StandstillMilliseconds);
            var now = (Completed: ThreadPool.CompletedWorkItemCount, Processor: Environment.CpuUsage.TotalTime);
            var isBusy = (now.Processor - last.Processor).TotalMilliseconds > Busy * StandstillMilliseconds * Environment.ProcessorCount;
            var threads = ThreadPool.ThreadCount;
            if (now.Completed == last.Completed && !isBusy && ThreadPool.PendingWorkItemCount > 0
                && threads >= raised && threads < MostThreads && ThreadPool.SetMinThreads(threads + Step, ports))
            {
                raised = threads + Step;
            }

            last = now;
        }
    }

    private static bool TryEnd(int idle, int usual, int raised)
    {
        lock (Gate)
        {
            if (idle < Linger || Volatile.Read(ref _waiting) > 0)
                return false;

            // Unless somebody else has changed it meanwhile.
            ThreadPool.GetMinThreads(out var now, out var ports);
            if (now == raised && raised != usual)
                ThreadPool.SetMinThreads(usual, ports);
            _isWatched = false;
            return true;
        }
    }
}
