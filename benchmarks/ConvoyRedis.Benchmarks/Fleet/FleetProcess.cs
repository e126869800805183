using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>Many clients in one process: see <see cref="FleetHost"/> for what it is told and what it says.</summary>
internal sealed class FleetProcess : IAsyncDisposable
{
    /// <summary>
    /// No profile-guided compilation, and a garbage collection after 256 MB (hexadecimal): in one process with 200 clients, both happen during each failover and
    /// delay all clients at once; in 200 processes they do not.
    /// </summary>
    private static readonly Dictionary<string, string> Runtime = new() { ["DOTNET_TieredPGO"] = "0", ["DOTNET_GCgen0size"] = "10000000" };

    private readonly HostProcess _host;
    private readonly Answers _answers;

    private FleetProcess(HostProcess host, Answers answers) => (_host, _answers) = (host, answers);

    /// <summary>How much processor time the process has used.</summary>
    public TimeSpan CpuTime => _host.CpuTime;

    /// <summary>Completes when every client is back, after <see cref="WatchAsync"/>.</summary>
    public Task AllBack => _answers.AllBack;

    /// <summary>When each client that is back was so.</summary>
    public IReadOnlyList<long> Backs => [.. _answers.Backs.Values];

    /// <exception cref="InvalidOperationException">The process has another clock than this one.</exception>
    public static async Task<FleetProcess> StartAsync(Contender contender, int clients)
    {
        var answers = new Answers(clients);
        return new FleetProcess(await HostProcess.StartAsync(contender, "fleet-client", NpmClients.FleetScript, answers.Read, Runtime), answers);
    }

    /// <summary>Connects all clients; each writes once.</summary>
    /// <returns>False if that takes longer.</returns>
    public async Task<bool> ConnectAsync(Deployment deployment, TimeSpan atMost)
    {
        var connected = _host.Await("connected");
        _host.Tell($"connect {_answers.Clients} {JsonSerializer.Serialize(deployment)}");
        if (await Task.WhenAny(connected, Task.Delay(atMost)) != connected)
            return false;
        await connected;
        return true;
    }

    public void BeginWriting(FleetPace pace) => _host.Tell($"write {pace}");

    /// <summary>From now on, a client is back with its first acknowledged write whose value is at least this.</summary>
    public Task WatchAsync(long least) => _host.AskAsync(string.Create(CultureInfo.InvariantCulture, $"watch {least}"), "watching");

    /// <summary>Ends the writing.</summary>
    /// <returns>Null if the process does not answer within a minute.</returns>
    public async Task<FleetWrites?> StopAsync()
    {
        try
        {
            var figures = (await _host.AskAsync("stop", "stopped")).Split(' ').Select(figure => long.Parse(figure, CultureInfo.InvariantCulture)).ToList();
            return new FleetWrites(figures[0], figures[1], figures[2], [.. _answers.Errors]);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private sealed class Answers(int clients)
    {
        private readonly TaskCompletionSource _allBack = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Clients => clients;

        public ConcurrentDictionary<int, long> Backs { get; } = new();

        public ConcurrentQueue<string> Errors { get; } = new();

        public Task AllBack => _allBack.Task;

        public void Read(string line)
        {
            switch (line.Split(' ', 3))
            {
                case ["back", var client, var instant]:
                    Backs.TryAdd(int.Parse(client, CultureInfo.InvariantCulture), long.Parse(instant, CultureInfo.InvariantCulture));
                    if (Backs.Count == clients)
                        _allBack.TrySetResult();
                    break;
                case ["error", var times, var text]:
                    Errors.Enqueue($"{times} × {text}");
                    break;
            }
        }
    }
}
