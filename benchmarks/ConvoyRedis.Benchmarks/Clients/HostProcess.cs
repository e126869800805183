using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>A process of clients, which is told a line each and answers by lines.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _name;
    private readonly Action<string> _read;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _awaited = new();
    private readonly Task _reading;

    private HostProcess(Contender contender, string command, string script, Action<string> read, IEnumerable<KeyValuePair<string, string>>? environment)
    {
        (_name, _read) = (contender.Name, read);
        var start = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (start.FileName, var arguments) = contender.ConnectAsync is null
            ? (NpmClients.Node!, [script, contender.Id])
            : (Environment.ProcessPath!, new[] { command, contender.Id });
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        _process.BeginErrorReadLine();
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>How much processor time it has used.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <param name="contender">Whose clients these are.</param>
    /// <param name="command">The command of this program that runs them.</param>
    /// <param name="script">What runs them if they are from npm.</param>
    /// <param name="read">Receives each line.</param>
    /// <param name="environment">Additional environment variables of the process.</param>
    /// <exception cref="InvalidOperationException">The process has another clock than this one.</exception>
    public static async Task<HostProcess> StartAsync(
        Contender contender, string command, string script, Action<string> read, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var host = new HostProcess(contender, command, script, read, environment);
        var before = ClientHost.Now;
        var clock = long.Parse(await host.AskAsync("time", "time"), CultureInfo.InvariantCulture);
        return clock > before && clock < ClientHost.Now
            ? host
            : throw new InvalidOperationException($"{contender.Name} has another clock, {clock} ns between {before} and {ClientHost.Now}.");
    }

    public void Tell(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for a line; call it before what the line answers.</summary>
    /// <returns>What follows the beginning.</returns>
    public Task<string> Await(string beginning) =>
        (_awaited[beginning] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public Task<string> AskAsync(string command, string answer)
    {
        var answered = Await(answer);
        Tell(command);
        return answered.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _read(line);
            foreach (var (beginning, answered) in _awaited)
            {
                if (line.StartsWith(beginning, StringComparison.Ordinal))
                    answered.TrySetResult(line[beginning.Length..].Trim());
            }
        }

        // Whoever still waits for it would wait in vain.
        foreach (var (_, answered) in _awaited)
            answered.TrySetException(new InvalidOperationException($"{_name} ended: {string.Join(' ', _errors.TakeLast(5))}"));
    }
}
