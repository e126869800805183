using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>A master, its replicas and their sentinels.</summary>
internal sealed class SentinelLab : IFailoverLab
{
    // The guide's: what the sentinels try again is no run any more.
    private static readonly TimeSpan FailoverTimeout = TimeSpan.FromSeconds(30);

    private readonly SentinelTopology _topology;
    private readonly SentinelEvents _events;
    private readonly MasterFault _fault;
    private readonly MasterFault? _faultOfFirstSentinel;

    private SentinelLab(SentinelTopology topology, RedisServer master, SentinelEvents events, MasterFault fault, MasterFault? faultOfFirstSentinel) =>
        (_topology, Master, _events, _fault, _faultOfFirstSentinel) = (topology, master, events, fault, faultOfFirstSentinel);

    public Deployment Deployment => Deployment.Of(_topology);

    public RedisServer Master { get; }

    public SentinelEvents? Events => _events;

    /// <param name="fault">What will happen to the master.</param>
    /// <param name="faultOfFirstSentinel">What will happen to the first sentinel, which clients ask first; null for nothing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IFailoverLab> StartAsync(MasterFault fault, MasterFault? faultOfFirstSentinel, CancellationToken cancellationToken)
    {
        var topology = await SentinelTopology.StartAsync(new SentinelOptions { FailoverTimeout = FailoverTimeout }, cancellationToken);
        var master = await topology.GetMasterAsync(cancellationToken);
        return new SentinelLab(topology, master, await SentinelEvents.StartAsync(topology), fault, faultOfFirstSentinel);
    }

    public async Task<Takeover?> FailOverAsync(CancellationToken cancellationToken)
    {
        await using var observer = await PromotionObserver.StartAsync(_topology, cancellationToken);
        var faultAt = ClientHost.Now;
        if (_faultOfFirstSentinel is { } fault)
            await (fault == MasterFault.Hang ? _topology.Sentinels[0].HangAsync() : _topology.Sentinels[0].KillAsync());
        await _topology.CauseAsync(_fault, cancellationToken);
        return await observer.TakeoverAsync(faultAt, cancellationToken);
    }

    public async Task<bool> IsStillMasterAsync(RedisServer node, CancellationToken cancellationToken) =>
        await _topology.GetMasterAsync(cancellationToken) == node;

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync();
        await _topology.DisposeAsync();
    }
}
