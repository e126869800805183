using System.Collections.Concurrent;
using System.Diagnostics;
using StackExchange.Redis;

namespace ConvoyRedis.Tests;

/// <summary>Writes one key after another through a database, and notes which were acknowledged, and when.</summary>
internal sealed class CountingWriter : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly IDatabase _database;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _writing = Task.CompletedTask;

    private CountingWriter(IDatabase database) => _database = database;

    /// <summary>The acknowledged keys in order.</summary>
    public ConcurrentQueue<(string Key, long Timestamp)> Acknowledged { get; } = [];

    /// <summary>The errors in order.</summary>
    public ConcurrentQueue<Exception> Failed { get; } = [];

    /// <summary>Begins to write, and returns after the first acknowledgement.</summary>
    public static async Task<CountingWriter> StartAsync(IDatabase database)
    {
        var writer = new CountingWriter(database);
        var first = writer._next.Task;
        writer._writing = Task.Run(writer.WriteAsync);
        await first.WaitAsync(Bound);
        return writer;
    }

    public Task WaitForNextAsync(CancellationToken cancellationToken) => Volatile.Read(ref _next).Task.WaitAsync(cancellationToken);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _writing.WaitAsync(Bound);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            var key = $"counting:{number}";
            try
            {
                await _database.StringSetAsync(key, 1);
                Acknowledged.Enqueue((key, Stopwatch.GetTimestamp()));
                Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }
            catch (Exception exception)
            {
                Failed.Enqueue(exception);
            }

            await Task.Delay(Pause);
        }
    }
}
