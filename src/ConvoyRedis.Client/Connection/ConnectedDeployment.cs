using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>The result of a successful connect: owns the multiplexer, the tunnel under it, and a share of the monitor of the master.</summary>
internal sealed class ConnectedDeployment : IAsyncDisposable
{
    /// <summary>How long disposal waits for what is in flight.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly List<DeploymentDialers> _formerDialers = [];
    private readonly MasterTunnel _tunnel;
    private readonly LiveLogin _liveLogin;
    private readonly ReplicaReads _reads;
    private readonly Action<MasterChangedEventArgs> _masterFollowed;
    private readonly Action _loginRefused;
    private readonly ConnectionContext _context;
    private DeploymentDialers _dialers;
    private SharedMonitor? _monitor;
    private ConnectionMultiplexer? _multiplexer;
    private IReadOnlyList<string> _refused = [];

    private ConnectedDeployment(ConvoyRedisTarget target, Action<MasterChangedEventArgs> masterFollowed, Action loginRefused, ConnectionContext context)
    {
        (Target, _masterFollowed, _loginRefused, _context) = (target, masterFollowed, loginRefused, context);
        _dialers = new DeploymentDialers(target, context.Time);
        _dialers.Nodes.Credentials.Refused += loginRefused;
        _tunnel = new MasterTunnel(LogicalEndpoints.OfMaster(target), PlanOf(target, _dialers), context)
        {
            IsConnected = node => NewNodes.IsConnected(_multiplexer, node),
            NodeOpening = () => NewNodes.AllowWrites(_multiplexer),
        };
        (_liveLogin, _reads) = (new LiveLogin(_tunnel, context), new ReplicaReads(_tunnel, context));
        _monitor = SharedMonitor.Join(target, context);
        _monitor.LoginRefused += loginRefused;
        _monitor.Attach(target, _tunnel, masterFollowed, LearnNodes);
    }

    public ConvoyRedisTarget Target { get; private set; }

    public IConnectionMultiplexer Multiplexer { get; private set; } = null!;

    public ConvoyRedisPhase Phase => Coordinator?.View.Phase ?? Cluster?.Phase ?? ConvoyRedisPhase.Following;

    public ConvoyRedisEndpoint? Master => Coordinator is { } coordinator ? coordinator.View.Master : _tunnel.Route?.Master;

    public long? Epoch => Coordinator?.View.Epoch;

    /// <summary>The route of the endpoint for replicas; null where nothing is to be read from them, and on a cluster.</summary>
    public ReplicaRoute? Replicas => _tunnel.Replicas;

    public int LiveStreams => _tunnel.LiveStreams;

    /// <summary>The nodes that commands go to, each with StackExchange.Redis's server for it.</summary>
    public IEnumerable<(ConvoyRedisEndpoint Node, IServer Server)> Servers => Multiplexer.GetServers().Select(server => (_tunnel.NodeAt(server.EndPoint), server));

    /// <summary>Locates the master through sentinels; null without sentinels.</summary>
    public FailoverCoordinator? Coordinator => _monitor?.Coordinator;

    /// <summary>Watches the masters of a cluster; null elsewhere.</summary>
    public ClusterMonitor? Cluster => _monitor?.Cluster;

    private NodeDialer Nodes => _dialers.Nodes;

    /// <summary>Connects once.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="masterFollowed">Called for each move of the master.</param>
    /// <param name="loginRefused">Called when a server refuses every login.</param>
    /// <param name="context">The clock, the log and the metrics.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ConvoyRedisConnectionException">Connecting failed; everything has been disposed.</exception>
    public static async Task<ConnectedDeployment> ConnectAsync(
        ConvoyRedisTarget target,
        Action<MasterChangedEventArgs> masterFollowed,
        Action loginRefused,
        ConnectionContext context,
        CancellationToken cancellationToken)
    {
        var deployment = new ConnectedDeployment(target, masterFollowed, loginRefused, context);
        ConvoyRedisTarget? cluster;
        try
        {
            cluster = await deployment.TryOutAsync(cancellationToken).ConfigureAwait(false);
            if (cluster is null)
            {
                await deployment.OpenAsync(cancellationToken).ConfigureAwait(false);
                return deployment;
            }
        }
        catch
        {
            await deployment.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await deployment.DisposeAsync().ConfigureAwait(false);
        return await ConnectAsync(cluster, masterFollowed, loginRefused, context, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks a node over a separate connection: StackExchange.Redis treats INFO as an administrative command, and allows these only if
    /// the multiplexer is configured for them.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, or refused the connection.</exception>
    public async Task<RespReply> AskAsync(ConvoyRedisEndpoint node, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var transport = await Nodes.DialAsync(node, cancellationToken).ConfigureAwait(false);
        return await transport.Resp.ExecuteAsync([.. command], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The text of a data node, without secrets.</summary>
    public string Shown(string text) => Nodes.Shown(text);

    /// <summary>Uses other credentials from now on, also on the live connections.</summary>
    /// <returns>Whether all of them accepted the login.</returns>
    public Task<bool> ChangeCredentialsAsync(ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        Target = target;
        _monitor?.ChangeCredentials(target);
        Nodes.Credentials.Change(new(target.Username, target.Password));
        return _liveLogin.ChangeAsync(_multiplexer!, Nodes.Credentials, cancellationToken);
    }

    /// <summary>
    /// Switches the same multiplexer to another target: the new master is located and tested, and then the command streams are handed
    /// over to it. Not for clusters, whose nodes StackExchange.Redis finds itself.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">It cannot be reached; the connection is not changed.</exception>
    public async Task SwitchAsync(ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        var route = _tunnel.Route!;
        var former = _monitor;
        var destination = await SwitchDestination.PrepareAsync(target, _refused, _context, _tunnel, cancellationToken).ConfigureAwait(false);

        // Only the code that takes the monitor out of the field leaves it: disposal, or this method.
        if (former is null || Interlocked.CompareExchange(ref _monitor, destination.Monitor, former) != former)
        {
            await destination.DiscardAsync(_tunnel).ConfigureAwait(false);
            throw new OperationCanceledException(cancellationToken);
        }

        // The former dialers are kept until the end: a connect may be in progress. From here on, only this method moves the route.
        destination.Dialers.Nodes.Credentials.Refused += _loginRefused;
        destination.Dialers.Nodes.Credentials.Remember(Nodes.Credentials);
        await LeaveAsync(former).ConfigureAwait(false);
        _tunnel.Dial(PlanOf(target, destination.Dialers));
        await route.HandOverAsync(destination.Master).ConfigureAwait(false);
        await _reads.SwitchAsync(target, destination.Master, cancellationToken).ConfigureAwait(false);
        _formerDialers.Add(_dialers);
        (Target, _dialers) = (target, destination.Dialers);
        cancellationToken.ThrowIfCancellationRequested();
        destination.Monitor.LoginRefused += _loginRefused;
        destination.Monitor.Attach(target, _tunnel, _masterFollowed, LearnNodes);
    }

    public async ValueTask DisposeAsync()
    {
        var closing = Task.CompletedTask;
        await Disposal.EndAsync(
            _context.Logger,
            ("the master monitor", () => Interlocked.Exchange(ref _monitor, null) is { } monitor ? LeaveAsync(monitor) : default),
            ("the commands in flight", CloseWithinGraceAsync),
            ("the streams", Disposal.Of(_tunnel.Dispose)),
            ("the multiplexer", () => new(closing))).ConfigureAwait(false);
        await Disposal.EndAsync(
            _context.Logger, _formerDialers.Append(_dialers).Select(dialers => ("certificates", Disposal.Of(dialers.Dispose)))).ConfigureAwait(false);

        // The multiplexer waits for what is in flight, up to command_timeout: the end of the streams ends that. Before, it would reconnect.
        async ValueTask CloseWithinGraceAsync()
        {
            closing = _multiplexer?.DisposeAsync().AsTask() ?? closing;
            await Task.WhenAny(closing, Task.Delay(Grace, _context.Time)).ConfigureAwait(false);
        }
    }

    private void LearnNodes(ClusterLayout layout) => _ = Background.Run(() => NewNodes.LearnAsync(_multiplexer, layout, _context.Time));

    private ValueTask LeaveAsync(SharedMonitor monitor)
    {
        monitor.LoginRefused -= _loginRefused;
        return monitor.LeaveAsync(_tunnel);
    }

    private DialPlan PlanOf(ConvoyRedisTarget target, DeploymentDialers dialers) => DialPlan.For(target, dialers, () => _monitor?.Suspect(), _context);

    // Returns the target to connect to instead if the single address belongs to a cluster; otherwise null.
    private async Task<ConvoyRedisTarget?> TryOutAsync(CancellationToken cancellationToken)
    {
        var probe = new DeploymentProbe(Target, Nodes, _context.Time);
        if (_tunnel.Route is not { } route)
        {
            _refused = (await probe.AskAnyAsync(cancellationToken).ConfigureAwait(false)).Refused;
            return null;
        }

        if (Coordinator is { } coordinator)
        {
            await coordinator.WaitForMasterAsync(cancellationToken).ConfigureAwait(false);
            _refused = (await probe.AskMasterAsync(route, cancellationToken).ConfigureAwait(false)).Refused;
            return null;
        }

        if (route.Master is not { } master)
            return null;
        var traits = await probe.AskAsync(master, cancellationToken).ConfigureAwait(false);
        _refused = traits.Refused;
        return traits.IsOfCluster ? probe.AsCluster(master) : null;
    }

    // StackExchange.Redis's connect cannot be cancelled, and takes up to three times connect_timeout. When nobody waits for it any more, it is left
    // alone: it reaches no server, since the tunnel ends, and what it makes is disposed of.
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        _reads.Add(Target, _refused, _monitor?.Replicas);
        var connecting = ConnectionMultiplexer.ConnectAsync(
            MultiplexerOptions.Create(Target, _refused, _tunnel, () => _monitor?.Suspect(), _context, () => Nodes.Credentials));
        try
        {
            _multiplexer = await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = Disposal.EndAsync(_context.Logger, ("an abandoned multiplexer", () => DisposeLaterAsync(connecting))).AsTask();
            throw;
        }

        if (_tunnel.Route is null)
            NewNodes.AllowWrites(_multiplexer);
        _ = Background.Run(() => NewNodes.ConnectAsync(_multiplexer, Cluster?.Layout, _context.Time));
        Multiplexer = await _reads.RouteAsync(_multiplexer, Target, _monitor?.Replicas, cancellationToken).ConfigureAwait(false);

        // A handler that is added to a live connection is called only for later moves.
        if (Coordinator is { } coordinator)
            await coordinator.ReportedAsync(_tunnel.Route!).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async ValueTask DisposeLaterAsync(Task<ConnectionMultiplexer> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            await connecting.Result.DisposeAsync().ConfigureAwait(false);
    }
}
