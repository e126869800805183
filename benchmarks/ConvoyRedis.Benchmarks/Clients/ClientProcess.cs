using System.Collections.Concurrent;
using System.Text.Json;

namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>A client in a process of its own: see <see cref="ClientHost"/> for what it is told and what it says.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private readonly HostProcess _host;

    private ClientProcess(Contender contender, HostProcess host, ConcurrentQueue<Write> writes) => (Contender, _host, Writes) = (contender, host, writes);

    public Contender Contender { get; }

    /// <summary>What was written (or read) so far, acknowledged or failed, in the order in which it ended.</summary>
    public ConcurrentQueue<Write> Writes { get; }

    /// <exception cref="InvalidOperationException">The process has another clock than this one.</exception>
    public static async Task<ClientProcess> StartAsync(Contender contender)
    {
        var writes = new ConcurrentQueue<Write>();
        var host = await HostProcess.StartAsync(contender, "client", NpmClients.Script, line =>
        {
            if (Write.TryParse(line) is { } write)
                writes.Enqueue(write);
        });
        return new ClientProcess(contender, host, writes);
    }

    /// <summary>Connects and writes once, trying again until that is acknowledged; null if that takes longer.</summary>
    public async Task<Write?> ConnectAsync(Deployment deployment, TimeSpan atMost)
    {
        Writes.Clear();
        var first = _host.Await("acknowledged first");
        _host.Tell("connect " + JsonSerializer.Serialize(deployment));
        if (await Task.WhenAny(first, Task.Delay(atMost)) != first)
            return null;
        await first;
        return Writes.Single(write => write.Error is null);
    }

    public void BeginWriting()
    {
        Writes.Clear();
        _host.Tell("write");
    }

    /// <summary>Begins to read this key, again and again: of each of the <see cref="Writes"/>, the key is the value that was read.</summary>
    public void BeginReading(string key)
    {
        Writes.Clear();
        _host.Tell($"read {key}");
    }

    public Task StopAsync() => _host.AskAsync("stop", "stopped");

    public Task CloseAsync() => _host.AskAsync("close", "closed");

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
