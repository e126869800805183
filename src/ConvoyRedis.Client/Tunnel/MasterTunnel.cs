using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Supplies the streams for StackExchange.Redis and owns them: at most one per endpoint and connection type. A logical endpoint has a
/// <see cref="LogicalRoute"/>, or a <see cref="ReplicaRoute"/>; any other endpoint (a cluster's nodes) a <see cref="NodeRoute"/>.
/// </summary>
internal sealed class MasterTunnel : StackExchange.Redis.Configuration.Tunnel, IDisposable
{
    private readonly ConcurrentDictionary<EndPoint, NodeRoute> _nodes = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly ConnectionContext _context;
    private volatile DialPlan _plan;

    /// <param name="logical">The endpoint that represents the master; null if every endpoint is dialled as given.</param>
    /// <param name="plan">How nodes are dialled.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    public MasterTunnel(EndPoint? logical, DialPlan plan, ConnectionContext context)
    {
        (_plan, _context) = (plan, context);
        Route = logical is null ? null : new LogicalRoute(logical, () => _plan, context);
    }

    /// <summary>Told of a cluster's node that cannot be reached; says whether another may take over from it.</summary>
    public Func<ConvoyRedisEndpoint, bool>? Unreachable { get; set; }

    /// <summary>Whether StackExchange.Redis is connected to a cluster's node.</summary>
    public Func<ConvoyRedisEndpoint, bool>? IsConnected { get; set; }

    /// <summary>Called before StackExchange.Redis connects to a cluster's node.</summary>
    public Action? NodeOpening { get; set; }

    /// <summary>The route of the logical endpoint; null when there is none.</summary>
    public LogicalRoute? Route { get; }

    /// <summary>The route of the endpoint that represents the replicas; null when there is none.</summary>
    public ReplicaRoute? Replicas { get; private set; }

    /// <summary>Whether a connect is waiting for a master: StackExchange.Redis must not start another one.</summary>
    public bool IsWaiting => Route is { IsWaiting: true };

    /// <summary>How many streams are in use.</summary>
    public int LiveStreams => Slots.Count(slot => slot.Live is not null);

    private IEnumerable<IStreamRoute> Routes => ((IEnumerable<IStreamRoute?>)[Route, Replicas, .. _nodes.Values]).OfType<IStreamRoute>();

    private IEnumerable<StreamSlot> Slots => Routes.SelectMany(route => route.Slots);

    /// <summary>The node at an endpoint that is dialled as given.</summary>
    public static ConvoyRedisEndpoint ToNode(EndPoint endpoint) => endpoint switch
    {
        DnsEndPoint dns => new ConvoyRedisEndpoint(dns.Host, dns.Port),
        IPEndPoint ip => new ConvoyRedisEndpoint(ip.Address.ToString(), ip.Port),
        _ => throw new NotSupportedException($"An endpoint of type {endpoint.GetType().Name} cannot be dialled."),
    };

    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => default;

    // The token that StackExchange.Redis passes is always None: a connect ends here by being superseded or by disposal.
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        IStreamRoute route = endpoint.Equals(Route?.Endpoint) ? Route! : endpoint.Equals(Replicas?.Endpoint) ? Replicas! : _nodes.GetOrAdd(endpoint, CreateNodeRoute);
        if (route is NodeRoute)
            NodeOpening?.Invoke();
        var slot = route.Slot(connectionType);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        slot.Supersede(attempt);
        try
        {
            var isReconnect = slot.HasServed;
            var stream = await route.OpenAsync(slot, attempt).ConfigureAwait(false);

            // The listeners of metrics must not delay the stream, which may move to another node meanwhile.
            var node = stream.Node;
            if (isReconnect)
                _ = Background.Run(() => _context.Telemetry.Reconnected(node));
            return stream;
        }
        finally
        {
            slot.Withdraw(attempt);
        }
    }

    /// <summary>Represents the replicas by an endpoint.</summary>
    public ReplicaRoute AddReplicas(EndPoint endpoint) => Replicas = new ReplicaRoute(endpoint, () => _plan, _context);

    /// <summary>The node that an endpoint of StackExchange.Redis leads to.</summary>
    public ConvoyRedisEndpoint NodeAt(EndPoint endpoint) =>
        (endpoint.Equals(Route?.Endpoint) ? Route!.Master : endpoint.Equals(Replicas?.Endpoint) ? Replicas!.Node : null) ?? ToNode(endpoint);

    /// <summary>A cluster's node has taken over from another.</summary>
    public void Succeed(ClusterMember former, ClusterMember successor)
    {
        foreach (var node in _nodes.Values)
            node.Succeed(former, successor);
    }

    /// <summary>
    /// Does what <see cref="Succeed"/> will do, on a stream of its own: the first time, the code is compiled, which takes longer than the move.
    /// </summary>
    /// <param name="former">A node that answers.</param>
    /// <param name="successor">Any other one.</param>
    public async Task RehearseAsync(ClusterMember former, ClusterMember successor)
    {
        using var route = CreateNodeRoute(new DnsEndPoint(former.Endpoint.Host, former.Endpoint.Port));
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(_disposed.Token);
        var slot = route.Slot(ConnectionType.Interactive);
        slot.Supersede(attempt);
        var stream = await route.OpenAsync(slot, attempt).ConfigureAwait(false);
        var reading = stream.ReadAsync(new byte[1], attempt.Token);
        route.Succeed(former, successor);
        await reading.ConfigureAwait(false);
    }

    /// <summary>A cluster's node, from which another had taken over, serves again as a replica.</summary>
    /// <param name="former">The node.</param>
    /// <param name="hasLeft">Whether it is no longer there at all: nothing is handed back.</param>
    public Task ReturnAsync(ClusterMember former, bool hasLeft) => Task.WhenAll(_nodes.Values.Select(node => node.ReturnAsync(former, hasLeft)));

    /// <summary>Uses another plan for new connections; live streams are not changed.</summary>
    public void Dial(DialPlan plan) => _plan = plan;

    /// <summary>The command streams are about to log in with this.</summary>
    public void ExpectLogin(string[] login)
    {
        foreach (var slot in Slots)
        {
            if (slot.Live is { } stream)
                stream.Session.OwnLogin = login;
        }
    }

    /// <summary>Ends every stream and every wait.</summary>
    public void Dispose()
    {
        if (_disposed.IsCancellationRequested)
            return;
        _disposed.Cancel();
        foreach (var route in Routes)
            route.Dispose();
    }

    private NodeRoute CreateNodeRoute(EndPoint endpoint) =>
        new(ToNode(endpoint), () => _plan, unreachable => Unreachable?.Invoke(unreachable) == true, node => IsConnected?.Invoke(node) != false, _context);
}
