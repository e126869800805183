using System.Globalization;
using System.Text.Json;
using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>
/// The process of many clients that share nothing but the process. It reads a line each: <c>time</c>, <c>connect</c> with a number and a
/// <see cref="Deployment"/>, <c>write</c> with the milliseconds after an acknowledged and after a failed write, <c>watch</c> with the least value of a write on a
/// new master, <c>stop</c>, <c>close</c>. It answers <c>time now</c>, <c>connected</c>, <c>watching</c>, and then for each client <c>back number instant</c>,
/// <c>error times text</c> and <c>stopped acknowledged failed longest</c>, <c>closed</c>. Instants are those of the machine's monotonic clock, in nanoseconds.
/// Npm/fleet.mjs does the same.
/// </summary>
internal sealed class FleetHost(Contender contender, TextWriter output)
{
    private const int ConnectingAtOnce = 8;

    /// <summary>How long calls may take to end after the last one has begun.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(10);

    private FleetMember[] _members = [];
    private Task _writing = Task.CompletedTask;
    private volatile bool _isStopped;

    public static Task RunAsync(string id) =>
        HostLoop.RunAsync(output => new FleetHost(Contender.All.Single(contender => contender.Id == id), output).DoAsync);

    private async Task DoAsync(string line)
    {
        switch (line.Split(' ', 3))
        {
            case ["time"]:
                output.WriteLine($"time {ClientHost.Now}");
                break;
            case ["connect", var clients, var deployment]:
                await ConnectAsync(int.Parse(clients, CultureInfo.InvariantCulture), JsonSerializer.Deserialize<Deployment>(deployment)!);
                output.WriteLine("connected");
                break;
            case ["write", var pause, var retry]:
                _writing = Task.WhenAll(_members.Select(member => Task.Run(() => member.WriteAsync(Milliseconds(pause), Milliseconds(retry), () => _isStopped))));
                break;
            case ["watch", var least]:
                foreach (var member in _members)
                    member.WatchFor(long.Parse(least, CultureInfo.InvariantCulture));
                output.WriteLine("watching");
                break;
            case ["stop"]:
                await StopAsync();
                break;
            case ["close"]:
                await Task.WhenAll(_members.Select(member => member.DisposeAsync().AsTask()));
                output.WriteLine("closed");
                break;
            default:
                throw new InvalidOperationException($"There is no command '{line}'.");
        }
    }

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(double.Parse(text, CultureInfo.InvariantCulture));

    private async Task ConnectAsync(int clients, Deployment deployment)
    {
        _members = new FleetMember[clients];
        await Parallel.ForAsync(0, clients, new ParallelOptions { MaxDegreeOfParallelism = ConnectingAtOnce }, async (index, _) =>
            _members[index] = await FleetMember.ConnectAsync(
                index, () => contender.ConnectAsync!(deployment), (client, instant) => output.WriteLine($"back {client} {instant}")));
    }

    private async Task StopAsync()
    {
        _isStopped = true;
        await _writing;
        for (var began = ClientHost.Now; _members.Any(member => member.Pending > 0) && ClientHost.Now - began < LastPatience.TotalNanoseconds;)
            await Task.Delay(PollPeriod);
        var errors = _members.SelectMany(member => member.Errors).GroupBy(error => error.Key, error => error.Value).ToDictionary(same => same.Key, same => same.Sum());
        if (_members.Sum(member => member.Pending) is > 0 and var unanswered)
            errors["no answer"] = unanswered;
        foreach (var (error, times) in errors)
            output.WriteLine($"error {times} {error}");
        output.WriteLine($"stopped {_members.Sum(member => member.Acknowledged)} {errors.Values.Sum()} {_members.Max(member => member.Longest)}");
    }
}
