using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Chaos;

/// <summary>A topology whose sentinels and nodes are reached over links that can be cut, and random faults to all of that.</summary>
internal sealed class ChaosDeployment : IAsyncDisposable
{
    /// <summary>One for events, which is subscribed before the other one, for questions, is opened.</summary>
    private const int ConnectionsOfALink = 2;

    private readonly List<string> _kept = [];
    private readonly DirectoryInfo _copies = Directory.CreateTempSubdirectory("convoy-redis-tests-");
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

    /// <summary>What was done, in order.</summary>
    public List<string> Done { get; } = [];

    public static async Task<ChaosDeployment> StartAsync(int seed, CancellationToken cancellationToken)
    {
        var options = new SentinelOptions
        {
            FailoverTimeout = TimeSpan.FromSeconds(5),

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

    /// <summary>Does bad things, one after the other and overlapping, for as long.</summary>
    public async Task CauseFaultsAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < length)
        {
            await CauseFaultAsync(cancellationToken);
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

    // Does something bad, and puts it right again.
    private async Task CauseFaultAsync(CancellationToken cancellationToken)
    {
        var fault = _random.Next(8);
        var sentinel = _random.Next(Topology.Sentinels.Count);
        var pause = TimeSpan.FromMilliseconds(_random.Next(500, 3000));

        // A planned failover is ordered when all is well, as an operator does: one that no sentinel can tell us of leaves the old master
        // alive and acknowledging, which no client can see; and a replica that is not in sync loses what it was not sent.
        var master = fault is 2 or 3 ? await SettleAsync(cancellationToken) : await Topology.GetMasterAsync(cancellationToken);
        Done.Add($"{fault} for {pause.TotalMilliseconds} ms, master {master.Address}, sentinel {sentinel}");
        switch (fault)
        {
            case 0:
                await master.KillAsync();
                Keep(master);
                await Task.Delay(pause, cancellationToken);
                await master.RestartAsync(cancellationToken);
                break;
            case 1:
                master.Hang();
                Keep(master);
                await Task.Delay(pause, cancellationToken);
                master.Resume();
                break;
            case 2 or 3:
                await Topology.FailoverAsync(cancellationToken);
                break;
            case 4:
                await Topology.Sentinels[sentinel].KillAsync();
                await Task.Delay(pause, cancellationToken);
                await Topology.Sentinels[sentinel].RestartAsync(cancellationToken);
                break;
            case 5:
                Topology.Sentinels[sentinel].Hang();
                await Task.Delay(pause, cancellationToken);
                Topology.Sentinels[sentinel].Resume();
                break;
            case 6:
                _sentinelLinks.ForEach(link => link.Cut());
                await Task.Delay(pause, cancellationToken);
                _sentinelLinks.ForEach(link => link.Restore());
                break;
            default:
                _nodeLinks.ForEach(link => link.DropConnections());
                break;
        }
    }

    /// <summary>
    /// Which of these writes a master that was killed or hung had in its AOF at that moment, where Redis writes them before it acknowledges
    /// them. Those that its successor lacks were lost by asynchronous replication.
    /// </summary>
    public async Task<HashSet<string>> FindOnDeadMastersAsync(IReadOnlyCollection<string> writes, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        foreach (var directory in writes.Count == 0 ? [] : _kept)
        {
            await using var isolated = await StandaloneRedis.StartAsync(
                new StandaloneOptions { Configuration = [$"dir {directory}", "aof-load-truncated yes"] }, cancellationToken);
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

    private void Keep(RedisServer master)
    {
        var source = Path.Combine(master.DataDirectory, "appendonlydir");
        var copy = _copies.CreateSubdirectory($"{_kept.Count}").FullName;
        var target = Directory.CreateDirectory(Path.Combine(copy, "appendonlydir")).FullName;
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        _kept.Add(copy);
    }
}
