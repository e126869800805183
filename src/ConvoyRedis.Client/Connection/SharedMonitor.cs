using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Watches a deployment's master: the links to its sentinels, and the monitor of the master's role. All connections of a process with the
/// same settings share one, so that a hundred connections send no more queries than one. It ends with the last of them.
/// </summary>
internal sealed class SharedMonitor : IAsyncDisposable
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Key, SharedMonitor> Shared = [];

    private readonly Key _key;
    private readonly DeploymentDialers _dialers;
    private readonly RoleMonitor _roles;
    private readonly ILogger _logger;
    private int _members;

    private SharedMonitor(Key key, ConvoyRedisTarget target, ConnectionContext context)
    {
        (_key, _logger) = (key, context.Logger);
        _dialers = new DeploymentDialers(target, context.Time);
        _roles = new RoleMonitor(_dialers.Nodes, isFixed: target.Topology == ConvoyRedisTopology.Standalone, context);
        if (target.Topology == ConvoyRedisTopology.Cluster)
            Cluster = new ClusterMonitor(target.Endpoints, _dialers.Nodes, context);
        if (target.Topology == ConvoyRedisTopology.Sentinel)
        {
            Coordinator = new FailoverCoordinator(target, _dialers.Nodes, _dialers.Sentinels, context);
            Coordinator.Decided += OnDecided;
            FailoverRehearsal.Begin(context.Logger);
        }

        if (target.ReadFrom != ConvoyRedisReadFrom.Master && target.Topology != ConvoyRedisTopology.Cluster)
            Replicas = new ReplicaMonitor(target, _dialers.Nodes, () => MasterOf(target), context);
        _roles.MasterAnswered += OnMasterAnswered;
    }

    /// <summary>Raised when a server refuses every login.</summary>
    public event Action LoginRefused
    {
        add
        {
            _dialers.Nodes.Credentials.Refused += value;
            _dialers.Sentinels.Credentials.Refused += value;
        }

        remove
        {
            _dialers.Nodes.Credentials.Refused -= value;
            _dialers.Sentinels.Credentials.Refused -= value;
        }
    }

    /// <summary>Locates the master through sentinels; null for a fixed endpoint.</summary>
    public FailoverCoordinator? Coordinator { get; }

    /// <summary>Watches the masters of a cluster; null elsewhere.</summary>
    public ClusterMonitor? Cluster { get; }

    /// <summary>Leads to replicas; null where nothing is to be read from them, and on a cluster.</summary>
    public ReplicaMonitor? Replicas { get; }

    /// <summary>Starts to watch a deployment's master, or joins an existing monitor; end it with <see cref="LeaveAsync"/>.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="context">The clock, logs and metrics; connections with different ones do not share a monitor.</param>
    /// <exception cref="ConvoyRedisConnectionException">A certificate file cannot be read.</exception>
    public static SharedMonitor Join(ConvoyRedisTarget target, ConnectionContext context)
    {
        var key = KeyOf(target, context);
        SharedMonitor? monitor;
        lock (Gate)
        {
            // A monitor that found no master is of no use: another attempt creates a new one.
            if (!Shared.TryGetValue(key, out monitor) || monitor.Coordinator is { HasFailed: true })
                Shared[key] = monitor = new SharedMonitor(key, target, context);
            monitor._members++;
        }

        return monitor;
    }

    /// <summary>Keeps a tunnel connected to the master, or to the masters of a cluster, from now on.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="masterFollowed">Called after each move, with the new master and the reason.</param>
    /// <param name="nodesAdded">Called with the layout of a cluster when it has new nodes.</param>
    public void Attach(ConvoyRedisTarget target, MasterTunnel tunnel, Action<MasterChangedEventArgs> masterFollowed, Action<ClusterLayout> nodesAdded)
    {
        Cluster?.Attach(new ClusterFollower(tunnel, masterFollowed, nodesAdded));
        if (tunnel.Replicas is { } replicas)
            Replicas?.Attach(replicas);
        if (tunnel.Route is not { } route)
            return;
        _roles.Attach(route);
        if (Coordinator is { } coordinator)
            coordinator.Attach(route, masterFollowed);
        else
            route.RouteTo(target.Endpoints[0]);
    }

    /// <summary>Uses other credentials from now on, for all connections that share the monitor and therefore the settings.</summary>
    public void ChangeCredentials(ConvoyRedisTarget target)
    {
        _dialers.Nodes.Credentials.Change(new(target.Username, target.Password));
        _dialers.Sentinels.Credentials.Change(new(target.SentinelUsername, target.SentinelPassword));
    }

    /// <summary>A reply was one that only a replica gives.</summary>
    public void Suspect() => _roles.Suspect();

    /// <summary>Releases a route; with the last one, the monitor ends.</summary>
    public async ValueTask LeaveAsync(MasterTunnel tunnel)
    {
        bool isLast;
        lock (Gate)
        {
            isLast = --_members == 0;
            if (isLast && Shared.GetValueOrDefault(_key) == this)
                Shared.Remove(_key);
        }

        await Disposal.EndAsync(
            _logger,
            ("the tunnel's cluster monitor", Disposal.Of(() => Cluster?.Detach(tunnel))),
            ("the route's replica monitor", Disposal.Of(() => Detach(tunnel.Replicas))),
            ("the route's role monitor", Disposal.Of(() => _roles.Detach(tunnel.Route!))),
            ("the route's coordinator", Disposal.Of(() => Coordinator?.Detach(tunnel.Route!)))).ConfigureAwait(false);
        if (isLast)
            await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends it; <see cref="LeaveAsync"/> calls this for the last one.</summary>
    public ValueTask DisposeAsync() => Disposal.EndAsync(
        _logger,
        ("the failover coordinator", () => Coordinator?.DisposeAsync() ?? default),
        ("the replica monitor", () => Replicas?.DisposeAsync() ?? default),
        ("the role monitor", _roles.DisposeAsync),
        ("the cluster monitor", () => Cluster?.DisposeAsync() ?? default),
        ("the certificates", Disposal.Of(_dialers.Dispose)));

    /// <summary>The key of the monitor: connections with equal keys share one.</summary>
    internal static Key KeyOf(ConvoyRedisTarget target, ConnectionContext context) =>
        new(new MonitorKey(target), TlsFiles.TryDigest(target), context.LoggerFactory, context.Time, context.Telemetry.Instruments);

    private void Detach(ReplicaRoute? route)
    {
        if (route is not null)
            Replicas?.Detach(route);
    }

    private ConvoyRedisEndpoint? MasterOf(ConvoyRedisTarget target) =>
        Coordinator is null ? target.Endpoints[0] : Coordinator.View is { Phase: not ConvoyRedisPhase.WaitingForMaster, Master: var master } ? master : null;

    private void OnDecided(MasterDecision decision)
    {
        switch (decision)
        {
            case MeasureLag:
                _roles.AskNow();
                Replicas?.Suspend();
                break;
            case ProbeCandidate probe:
                Replicas?.Avoid(probe.Candidate);
                break;
            case StopProbing:
                Replicas?.Avoid(null);
                break;
            case Follow or HandOver:
                Replicas?.MasterMoved();
                break;
        }
    }

    private void OnMasterAnswered(ConvoyRedisEndpoint master, RespReply role, long lacked)
    {
        Coordinator?.NoteMaster(master, role);
        if (lacked > ReplicaLag.CopiedInAnInstant)
            Coordinator?.NoteLag(master, lacked);
        Replicas?.NoteReplicas(master, role);
    }

    /// <summary>Everything that decides what a monitor sees, does and reports.</summary>
    internal sealed record Key(MonitorKey Settings, string? TlsFiles, ILoggerFactory LoggerFactory, TimeProvider Time, Instruments Instruments);
}
