using System.Collections.Concurrent;
using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.SequentialTests.Chaos;

/// <summary>A topology whose sentinels and nodes are reached over links that can be cut, and random faults to all of that.</summary>
internal sealed class ChaosDeployment : IAsyncDisposable
{
    /// <summary>One for events, which is subscribed before the other one, for questions, is opened.</summary>
    private const int ConnectionsOfALink = 1;

    private static readonly TimeSpan FailoverPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<string> _kept = [];
    private readonly DirectoryInfo _copies = Directory.CreateTempSubdirectory("convoy-redis-tests-");
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Random _random;
    private readonly List<TcpProxy> _sentinelLinks;
    private readonly List<TcpProxy> _nodeLinks;

    private ChaosDeployment(SentinelTopology topology, Random random)
    {
        Topology = topology;
        _random = random;
        _sentinelLinks = [.. topology.Sentinels.Select(sentinel => TcpProxy.Start(sentinel.Host, sentinel.Port))];
        _nodeLinks = [.. topology.Nodes.Select(node => TcpProxy.Start(node.Host, node.Port))];
    }

    public SentinelTopology Topology { get; }

    /// <summary>What was done, and what came of it, in order.</summary>
    public ConcurrentQueue<string> Story { get; } = [];

    public void Note(string what) => Story.Enqueue($"{_clock.Elapsed.TotalSeconds,6:F1} s  {what}");

    public static async Task<ChaosDeployment> StartAsync(int seed, CancellationToken cancellationToken)
    {
        var options = new SentinelOptions
        {
            // With the guide's everysec Redis puts a write off while the disk is being flushed, and acknowledges it all the same.
            NodeConfiguration = ["appendfsync no"],
        };
        return new ChaosDeployment(await SentinelTopology.StartAsync(options, cancellationToken), new Random(seed));
    }

    public ConvoyRedisOptions Options()
    {
        var options = Topology.Options();
        options.Host = string.Join(',', _sentinelLinks.Select(link => $"{link.Host}:{link.Port}"));
        options.AddressMap = string.Join(',', Topology.Nodes.Zip(_nodeLinks, (node, link) => $"{node.Address}={link.Host}:{link.Port}")
            .Concat(Topology.Sentinels.Zip(_sentinelLinks, (sentinel, link) => $"{sentinel.Address}={link.Host}:{link.Port}")));
        return options;
    }

    /// <summary>Does bad things to nodes, sentinels and links, one after the other and overlapping, for as long.</summary>
    public async Task CauseFaultsAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < length)
        {
            var which = _random.Next(3);
            List<Task> faults = [];
            if (which != 0)
                faults.Add(await BeginNodeFaultAsync(cancellationToken));
            if (which != 1)
                faults.Add(SentinelFaultAsync(mayBlind: which == 0, cancellationToken));
            await Task.WhenAll(faults);
            await Task.Delay(_random.Next(0, 2000), cancellationToken);
        }
    }

    /// <summary>Waits until all is well again.</summary>
    /// <returns>The master.</returns>
    public async Task<RedisServer> SettleAsync(CancellationToken cancellationToken)
    {
        await Topology.WaitUntilSettledAsync(cancellationToken);
        await Eventually.TrueAsync(() => _sentinelLinks.TrueForAll(link => link.ConnectionCount >= ConnectionsOfALink), cancellationToken);
        return await Topology.GetMasterAsync(cancellationToken);
    }

    // Begins something bad; the task ends when that has been put right.
    private async Task<Task> BeginNodeFaultAsync(CancellationToken cancellationToken)
    {
        var (fault, pause) = (_random.Next(6), Pause());

        // A planned failover is ordered when all is well, as an operator does: one that no sentinel can tell us of leaves the old master
        // alive and acknowledging, which no client can see; and a replica that is not in sync loses what it was not sent.
        var master = fault >= 4 ? await SettleAsync(cancellationToken) : await Topology.GetMasterAsync(cancellationToken);
        var replica = Topology.Nodes.Where(node => node != master).ElementAt(_random.Next(Topology.Nodes.Count - 1));
        var (name, node) = fault switch
        {
            0 => ("kills the master", master),
            1 => ("hangs the master", master),
            2 => ("kills a replica", replica),
            3 => ("drops the connections", master),
            _ => ("fails over from", master),
        };
        Note($"{name} {node.Address}, for {pause.TotalMilliseconds} ms");
        switch (fault)
        {
            case 0 or 2:
                await node.KillAsync();
                if (node == master)
                    Keep(node);
                return PutRightAsync(pause, () => node.RestartAsync(cancellationToken), cancellationToken);
            case 1:
                await node.HangAsync();
                Keep(node);
                return PutRightAsync(pause, node.ResumeAsync, cancellationToken);
            case 3:
                _nodeLinks.ForEach(link => link.DropConnections());
                return Task.CompletedTask;
            default:
                await Topology.FailoverAsync(cancellationToken);
                return WaitForFailoverAsync(master, cancellationToken);
        }
    }

    // Until the sentinels name another master; or not, if their leader has died over it.
    private async Task WaitForFailoverAsync(RedisServer old, CancellationToken cancellationToken)
    {
        var began = _clock.Elapsed;
        while (_clock.Elapsed - began < FailoverPatience && await Topology.GetMasterAsync(cancellationToken) == old)
            await Task.Delay(50, cancellationToken);
    }

    private async Task SentinelFaultAsync(bool mayBlind, CancellationToken cancellationToken)
    {
        var (fault, pause) = (_random.Next(mayBlind ? 3 : 2), Pause());
        var sentinel = Topology.Sentinels[_random.Next(Topology.Sentinels.Count)];
        Note($"{fault switch { 0 => $"kills sentinel {sentinel.Address}", 1 => $"hangs sentinel {sentinel.Address}", _ => "cuts all links to sentinels" }}, "
            + $"for {pause.TotalMilliseconds} ms");
        switch (fault)
        {
            case 0:
                await sentinel.KillAsync();
                await PutRightAsync(pause, () => sentinel.RestartAsync(cancellationToken), cancellationToken);
                break;
            case 1:
                await sentinel.HangAsync();
                await PutRightAsync(pause, sentinel.ResumeAsync, cancellationToken);
                break;
            default:
                _sentinelLinks.ForEach(link => link.Cut());
                await PutRightAsync(pause, () => Done(() => _sentinelLinks.ForEach(link => link.Restore())), cancellationToken);
                break;
        }
    }

    private TimeSpan Pause() => TimeSpan.FromMilliseconds(_random.Next(500, 3000));

    private static async Task PutRightAsync(TimeSpan pause, Func<Task> act, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, cancellationToken);
        await act();
    }

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Which of these writes a former master had in its AOF, where Redis writes them before it acknowledges them: one that was killed or hung,
    /// at that moment; or one that <see cref="Keep(int)"/> was called for. Those that its successor lacks were lost by asynchronous replication.
    /// </summary>
    public async Task<HashSet<string>> FindOnFormerMastersAsync(IReadOnlyCollection<string> writes, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        foreach (var directory in writes.Count == 0 ? [] : _kept.ToList())
        {
            await using var isolated = await StandaloneRedis.StartAsync(
                new StandaloneOptions { DataDirectory = directory, Configuration = ["aof-load-truncated yes"] }, cancellationToken);
            found.UnionWith(await ChaosWriters.FindAsync(isolated.Server, writes, cancellationToken));
        }

        return found;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _sentinelLinks.Concat(_nodeLinks))
            await link.DisposeAsync();
        await Topology.DisposeAsync();
        _copies.Delete(recursive: true);
    }

    /// <summary>Keeps what the node on this port has on its disk now.</summary>
    public void Keep(int port) => Keep(Topology.Nodes.Single(node => node.Port == port));

    private void Keep(RedisServer master)
    {
        var source = Path.Combine(master.DataDirectory, "appendonlydir");
        var copy = _copies.CreateSubdirectory(Path.GetRandomFileName()).FullName;
        var target = Directory.CreateDirectory(Path.Combine(copy, "appendonlydir")).FullName;
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        _kept.Enqueue(copy);
    }
}
