using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>Counts one key up, as fast as it can: its value is the number of writes that were applied.</summary>
internal sealed class ChangeWriter(IBenchmarkClient client, string key)
{
    private const int BeginningOfAnError = 60;

    // What fails at once would be tried as fast as the processor can.
    private static readonly TimeSpan PauseAfterAnError = TimeSpan.FromMilliseconds(1);

    public string Key => key;

    public long Acknowledged { get; private set; }

    public long Failed { get; private set; }

    public TimeSpan LongestCall { get; private set; }

    /// <summary>An example of each kind of error.</summary>
    public Dictionary<string, string> Errors { get; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                await client.IncrementAsync(key);
                Acknowledged++;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Failed++;
                var error = $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
                Errors.TryAdd(error[..Math.Min(error.Length, BeginningOfAnError)], error);
                await Task.Delay(PauseAfterAnError, CancellationToken.None);
            }

            var took = Stopwatch.GetElapsedTime(began);
            LongestCall = took > LongestCall ? took : LongestCall;
        }
    }
}
