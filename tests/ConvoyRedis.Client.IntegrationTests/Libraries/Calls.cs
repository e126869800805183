using System.Collections.Concurrent;
using System.Diagnostics;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>A call of a library.</summary>
/// <param name="Begun">When it began, as <see cref="Stopwatch.GetTimestamp"/> counts.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Error">Why it failed; null if it succeeded.</param>
internal readonly record struct Call(long Begun, long Ended, Exception? Error)
{
    public TimeSpan Duration => Stopwatch.GetElapsedTime(Begun, Ended);
}

/// <summary>What the callers of a library noticed.</summary>
internal sealed class Calls
{
    private readonly ConcurrentQueue<Call> _all = [];
    private int _succeeded;

    public int Succeeded => Volatile.Read(ref _succeeded);

    public IEnumerable<Exception> Errors => _all.Select(call => call.Error).OfType<Exception>();

    /// <summary>Makes a call, and notes how it ended.</summary>
    public async Task<Call> MakeAsync(Func<Task> call)
    {
        var begun = Stopwatch.GetTimestamp();
        Exception? error = null;
        try
        {
            await call();
        }
        catch (Exception exception)
        {
            error = exception;
        }

        var made = new Call(begun, Stopwatch.GetTimestamp(), error);
        _all.Enqueue(made);
        if (error is null)
            Interlocked.Increment(ref _succeeded);
        return made;
    }

    public override string ToString()
    {
        var errors = Errors.CountBy(error => error.GetType().Name).Select(kind => $"{kind.Value} {kind.Key}").ToList();
        return $"{_all.Count} calls, {(errors.Count == 0 ? "none" : string.Join(", ", errors))} failed, longest {_all.Max(call => call.Duration).TotalMilliseconds:0} ms";
    }
}
