using System.Diagnostics;
using System.Text.Json;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>
/// The process of one client. It reads a line each: <c>time</c>, <c>connect</c> with a <see cref="Deployment"/>, <c>write</c>, <c>read</c> with a
/// key, <c>stop</c>, <c>close</c>; and writes what it did, with the instants of the machine's monotonic clock in nanoseconds:
/// <c>acknowledged key began ended</c> (of a read, the value in place of the key), <c>failed key began ended message</c>, and <c>time now</c>,
/// <c>stopped</c>, <c>closed</c>.
/// Npm/client.mjs does the same.
/// </summary>
internal sealed class ClientHost(Contender contender, TextWriter output)
{
    public const int Callers = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private IBenchmarkClient? _client;
    private string _prefix = "";
    private volatile bool _isCalling;
    private Task _calling = Task.CompletedTask;

    public static long Now => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    public static Task RunAsync(string id) =>
        HostLoop.RunAsync(output => new ClientHost(Contender.All.Single(contender => contender.Id == id), output).DoAsync);

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
                Begin(async (client, key) =>
                {
                    await client.IncrementAsync(key);
                    return key;
                });
                break;
            case ["read", var key]:
                Begin(async (client, _) => await client.ReadAsync(key) ?? "nothing");
                break;
            case ["stop"]:
                _isCalling = false;
                await Task.WhenAny(_calling, Task.Delay(Patience));
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
        _prefix = deployment.KeyPrefix;
        var began = Now;
        while (true)
        {
            try
            {
                _client = await contender.ConnectAsync!(deployment);
                await _client.IncrementAsync(_prefix + "first");
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

    private void Begin(Func<IBenchmarkClient, string, Task<string>> call)
    {
        _isCalling = true;
        _calling = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller, key => call(_client!, key)))));
    }

    private async Task CallAsync(int caller, Func<string, Task<string>> call)
    {
        for (var number = 0; _isCalling; number++)
        {
            var (key, began) = ($"{_prefix}{contender.Id}:{caller}:{number}", Now);
            try
            {
                var result = await call(key);
                Tell($"acknowledged {result} {began} {Now}");
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
