using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>A client in a process of its own: see <see cref="ClientHost"/> for what it is told and what it says.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _awaited = new();
    private readonly Task _reading;

    private ClientProcess(Contender contender)
    {
        Contender = contender;
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.FileName, var arguments) = contender.ConnectAsync is null
            ? (NpmClients.Node!, [NpmClients.Script, contender.Id])
            : (Environment.ProcessPath!, new[] { "client", contender.Id });
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
        _reading = Task.Run(ReadAsync);
    }

    public Contender Contender { get; }

    /// <summary>What was written (or read) so far, acknowledged or failed, in the order in which it ended.</summary>
    public ConcurrentQueue<Write> Writes { get; } = new();

    /// <exception cref="InvalidOperationException">The process has another clock than this one.</exception>
    public static async Task<ClientProcess> StartAsync(Contender contender)
    {
        var client = new ClientProcess(contender);
        var before = ClientHost.Now;
        var clock = long.Parse(await client.AskAsync("time", "time"), CultureInfo.InvariantCulture);
        return clock > before && clock < ClientHost.Now
            ? client
            : throw new InvalidOperationException($"{contender.Name} has another clock, {clock} ns between {before} and {ClientHost.Now}.");
    }

    /// <summary>Connects and writes once, trying again until that is acknowledged; null if that takes longer.</summary>
    public async Task<Write?> ConnectAsync(Deployment deployment, TimeSpan atMost)
    {
        Writes.Clear();
        var first = Await("acknowledged first");
        Tell("connect " + JsonSerializer.Serialize(deployment));
        if (await Task.WhenAny(first, Task.Delay(atMost)) != first)
            return null;
        await first;
        return Writes.Single(write => write.Error is null);
    }

    public void BeginWriting()
    {
        Writes.Clear();
        Tell("write");
    }

    /// <summary>Begins to read this key, again and again: of each of the <see cref="Writes"/>, the key is the value that was read.</summary>
    public void BeginReading(string key)
    {
        Writes.Clear();
        Tell($"read {key}");
    }

    public Task StopAsync() => AskAsync("stop", "stopped");

    public Task CloseAsync() => AskAsync("close", "closed");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private Task<string> AskAsync(string command, string answer)
    {
        var answered = Await(answer);
        Tell(command);
        return answered.WaitAsync(Patience);
    }

    private void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    private Task<string> Await(string beginning) =>
        (_awaited[beginning] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Write.TryParse(line) is { } write)
                Writes.Enqueue(write);
            foreach (var (beginning, answered) in _awaited)
            {
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                    answered.TrySetResult(line[beginning.Length..].Trim());
            }
        }

        // Whoever still waits for it would wait in vain.
        foreach (var (_, answered) in _awaited)
            answered.TrySetException(new InvalidOperationException($"{Contender.Name} ended: {string.Join(' ', _errors.TakeLast(5))}"));
    }
}
