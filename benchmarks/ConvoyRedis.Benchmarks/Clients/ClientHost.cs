using System.Diagnostics;
using System.Text.Json;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>
/// The process of one client. It reads a line each: <c>time</c>, <c>connect</c> with a <see cref="Deployment"/>, <c>write</c>, <c>stop</c>,
/// <c>close</c>; and writes what it did, with the instants of the machine's monotonic clock in nanoseconds:
/// <c>acknowledged key began ended</c>, <c>failed key began ended message</c>, and <c>time now</c>, <c>stopped</c>, <c>closed</c>.
/// Npm/client.mjs does the same.
/// </summary>
internal sealed class ClientHost(Contender contender, TextWriter output)
{
    public const int Writers = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private IBenchmarkClient? _client;
    private volatile bool _isWriting;
    private Task _writing = Task.CompletedTask;

    public static long Now => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    public static async Task RunAsync(string id)
    {
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });

        // Some clients write to the console, and some block threads.
        Console.SetOut(TextWriter.Null);
        ThreadPool.SetMinThreads(32, 32);
        var host = new ClientHost(Contender.All.Single(contender => contender.Id == id), output);
        while (await Console.In.ReadLineAsync() is { } line)
            await host.DoAsync(line);
    }

    private async Task DoAsync(string line)
    {
        switch (line.Split(' ', 2))
        {
            case ["time"]:
                Tell($"time {Now}");
                break;
            case ["connect", var deployment]:
                await ConnectAsync(JsonSerializer.Deserialize<Deployment>(deployment)!);
                break;
            case ["write"]:
                _isWriting = true;
                _writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(_client!, writer))));
                break;
            case ["stop"]:
                _isWriting = false;
                await Task.WhenAny(_writing, Task.Delay(Patience));
                Tell("stopped");
                break;
            case ["close"]:
                await _client!.DisposeAsync();
                Tell("closed");
                break;
            default:
                throw new InvalidOperationException($"There is no command '{line}'.");
        }
    }

    // Until the first write is acknowledged, however often that takes.
    private async Task ConnectAsync(Deployment deployment)
    {
        var began = Now;
        while (true)
        {
            try
            {
                _client = await contender.ConnectAsync!(deployment);
                await _client.IncrementAsync("first");
                Tell($"acknowledged first {began} {Now}");
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Tell($"failed first {began} {Now} {OneLine(exception)}");
                await Task.Delay(Pause);
            }
        }
    }

    private async Task WriteAsync(IBenchmarkClient client, int writer)
    {
        for (var number = 0; _isWriting; number++)
        {
            var (key, began) = ($"{contender.Id}:{writer}:{number}", Now);
            try
            {
                await client.IncrementAsync(key);
                Tell($"acknowledged {key} {began} {Now}");
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Tell($"failed {key} {began} {Now} {OneLine(exception)}");
            }

            await Task.Delay(Pause);
        }
    }

    private void Tell(string line) => output.WriteLine(line);

    private static string OneLine(Exception exception) => $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
}
