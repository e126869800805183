using System.Net;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>What a successful connect made, and owns: the multiplexer, the tunnel under it, and a share of the watch over the master.</summary>
internal sealed class ConnectedDeployment : IAsyncDisposable
{
    /// <summary>How long disposal waits for what is in flight.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly List<IDisposable> _disposables = [];
    private readonly MasterTunnel _tunnel;
    private readonly Action<MasterChangedEventArgs> _masterFollowed;
    private readonly Action _loginRefused;
    private readonly HashSet<(ConvoyRedisEndpoint Node, Logins.Login Login)> _refusedBy = [];
    private readonly Surroundings _surroundings;
    private ConvoyRedisTarget _target;
    private Logins? _logins;
    private NodeDialer _nodes;
    private MasterWatch? _watch;
    private ConnectionMultiplexer? _multiplexer;
    private IReadOnlyList<string> _refused = [];

    private ConnectedDeployment(
        ConvoyRedisTarget target, Action<MasterChangedEventArgs> masterFollowed, Action loginRefused, Surroundings surroundings)
    {
        (_target, _masterFollowed, _loginRefused, _surroundings) = (target, masterFollowed, loginRefused, surroundings);
        Logical = LogicalEndpoint(target);
        var tls = TlsOf(target);
        if (tls is not null)
            _disposables.Add(tls);
        (_logins, _nodes, var masters) = Dialers(target, tls);
        _tunnel = new MasterTunnel(Logical, masters, _nodes, target.HoldDeadline, surroundings);
        if (Logical is not null)
        {
            _watch = MasterWatch.Join(target, surroundings);
            _watch.LoginRefused += loginRefused;
            _watch.Lead(target, _tunnel, masterFollowed);
        }
    }

    public ConvoyRedisTarget Target => _target;

    public ConnectionMultiplexer Multiplexer => _multiplexer!;

    public ConvoyRedisPhase Phase => Locator?.View.Phase ?? ConvoyRedisPhase.Following;

    public ConvoyRedisEndpoint? Master => Locator is { } locator ? locator.View.Master : _tunnel.Master;

    public long? Epoch => Locator?.View.Epoch;

    public int LiveStreams => _tunnel.LiveStreams;

    /// <summary>Locates the master by sentinels; null where there are none.</summary>
    public MasterLocator? Locator => _watch?.Locator;

    private EndPoint? Logical { get; }

    /// <summary>Connects once.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="masterFollowed">Told of each move of the master.</param>
    /// <param name="loginRefused">Told when a server refuses every login.</param>
    /// <param name="surroundings">The clock, and who is told of what happens.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ConvoyRedisConnectionException">It did not work; nothing is left behind.</exception>
    public static async Task<ConnectedDeployment> ConnectAsync(
        ConvoyRedisTarget target,
        Action<MasterChangedEventArgs> masterFollowed,
        Action loginRefused,
        Surroundings surroundings,
        CancellationToken cancellationToken)
    {
        var deployment = new ConnectedDeployment(target, masterFollowed, loginRefused, surroundings);
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
        return await ConnectAsync(cluster, masterFollowed, loginRefused, surroundings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks a node, over a connection of its own: StackExchange.Redis counts INFO among the administrative commands, and gives it out
    /// to nobody who did not allow these.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, or refused us.</exception>
    public async Task<RespReply> AskAsync(ConvoyRedisEndpoint node, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var transport = await _nodes.DialAsync(node, cancellationToken).ConfigureAwait(false);
        return await transport.Resp.ExecuteAsync([.. command], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What a data node said, as it may be shown.</summary>
    public string Shown(string text) => _logins!.Shown(text);

    /// <summary>Logs in otherwise from now on, also on the connections that stand.</summary>
    /// <returns>Whether all of these took the login; what has none to take it from stays as it is.</returns>
    public async Task<bool> ChangeLoginAsync(ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        _target = target;
        _watch?.ChangeLogins(target);
        var login = new Logins.Login(target.Username, target.Password);
        _logins!.Change(login);
        if (login.Command is not { } command)
            return true;
        _tunnel.ExpectLogin(command);
        var taken = true;
        foreach (var server in Multiplexer.GetServers().Where(server => server.IsConnected))
        {
            try
            {
                await server.ExecuteAsync("AUTH", [.. command.Skip(1)]).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Tried again every few seconds, and told once.
                taken = false;
                var node = Master ?? MasterTunnel.ToNode(server.EndPoint);
                if (_refusedBy.Add((node, login)))
                    Log.LoginNotTaken(_surroundings.Logger, node, Shown(exception.Message));
            }
        }

        return taken;
    }

    /// <summary>
    /// Leads the same multiplexer elsewhere, or in another way: the new master is located and tried out, and then the command streams are handed
    /// over to it. It is not for clusters, whose nodes StackExchange.Redis knows by itself.
    /// </summary>
    /// <exception cref="ConvoyRedisConnectionException">It is not reached; the connection stays as it is.</exception>
    public async Task SwitchAsync(ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        var tls = TlsOf(target);
        var (logins, nodes, masters) = Dialers(target, tls);
        var watch = MasterWatch.Join(target, _surroundings);
        ConvoyRedisEndpoint master;
        var former = _watch;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(target.CommandTimeout);
            if (watch.Locator is { } locator)
                await locator.WaitForMasterAsync(patience.Token).ConfigureAwait(false);
            master = watch.Locator?.View.Master ?? target.Endpoints[0];
            using var transport = await nodes.DialAsync(master, patience.Token).ConfigureAwait(false);
            var traits = await NodeTraits.AskAsync(transport, target, patience.Token).ConfigureAwait(false);
            if (traits.Refused.Except(_refused).ToList() is { Count: > 0 } refused)
            {
                throw new ConvoyRedisConnectionException(
                    ConvoyRedisFault.Permission,
                    $"{master} refuses {string.Join(" and ", refused)}. Restart the process: a new connection does not use what the server refuses.");
            }

            if (traits.IsOfCluster)
            {
                throw new ConvoyRedisConnectionException(
                    ConvoyRedisFault.WrongServer, $"{master} is a node of a cluster, which the connection can lead to when the process is started anew.");
            }

            // The one that is in its place is left by whoever takes it out: by disposal, or here.
            if (former is null || Interlocked.CompareExchange(ref _watch, watch, former) != former)
                throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception exception)
        {
            await watch.LeaveAsync(_tunnel).ConfigureAwait(false);
            tls?.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
                throw new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"No master of {target} within {target.CommandTimeout.TotalSeconds} s.");
            throw;
        }

        // What was dialled with before is kept until the end: a dial may be under way. From here nobody moves the tunnel but us.
        if (tls is not null)
            _disposables.Add(tls);
        former.LoginRefused -= _loginRefused;
        await former.LeaveAsync(_tunnel).ConfigureAwait(false);
        _tunnel.Dial(masters, nodes, target.HoldDeadline);
        await _tunnel.HandOverAsync(master).ConfigureAwait(false);
        (_target, _logins, _nodes) = (target, logins, nodes);
        cancellationToken.ThrowIfCancellationRequested();
        watch.LoginRefused += _loginRefused;
        watch.Lead(target, _tunnel, _masterFollowed);
    }

    public async ValueTask DisposeAsync()
    {
        var closing = Task.CompletedTask;
        await Disposal.EndAsync(
            _surroundings.Logger,
            ("the master watch", () => Interlocked.Exchange(ref _watch, null) is { } watch ? LeaveAsync(watch) : default),
            ("the commands in flight", CloseWithinGraceAsync),
            ("the streams", Disposal.Of(_tunnel.Dispose)),
            ("the multiplexer", () => new(closing))).ConfigureAwait(false);
        await Disposal.EndAsync(_surroundings.Logger, _disposables.Select(disposable => ("a certificate", Disposal.Of(disposable.Dispose)))).ConfigureAwait(false);

        // The multiplexer waits for what is in flight, up to command_timeout: what a master that hangs owes for longer than a grace is ended with the
        // streams. They end after the multiplexer began to, which would otherwise reconnect.
        async ValueTask CloseWithinGraceAsync()
        {
            closing = _multiplexer?.DisposeAsync().AsTask() ?? closing;
            await Task.WhenAny(closing, Task.Delay(Grace)).ConfigureAwait(false);
        }
    }

    private async ValueTask LeaveAsync(MasterWatch watch)
    {
        watch.LoginRefused -= _loginRefused;
        await watch.LeaveAsync(_tunnel).ConfigureAwait(false);
    }

    private static TlsMaterial? TlsOf(ConvoyRedisTarget target) => target.Tls ? new TlsMaterial(target) : null;

    private (Logins Logins, NodeDialer Nodes, MasterDialer Masters) Dialers(ConvoyRedisTarget target, TlsMaterial? tls)
    {
        var access = NodeAccess.ToData(target, tls);
        access.Logins.Refused += _loginRefused;
        if (_logins is not null)
            access.Logins.Remember(_logins);
        var nodes = new NodeDialer(access);
        return (access.Logins, nodes, new MasterDialer(nodes, replicaAccepted: target.Topology == ConvoyRedisTopology.Standalone, _surroundings.Logger));
    }

    // StackExchange.Redis knows it by this name alone; the tunnel leads it to the real node. Null on a cluster, whose nodes are all real.
    private static DnsEndPoint? LogicalEndpoint(ConvoyRedisTarget target) => target.Topology switch
    {
        ConvoyRedisTopology.Standalone => new DnsEndPoint(target.Endpoints[0].Host, target.Endpoints[0].Port),
        ConvoyRedisTopology.Sentinel => new DnsEndPoint(target.MasterName!, MultiplexerOptions.DefaultPort),
        _ => null,
    };

    // StackExchange.Redis's connect cannot be cancelled, and takes up to three times connect_timeout. When nobody waits for it any more, it is left
    // alone: it reaches no server, since the tunnel ends, and what it makes is disposed of.
    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(
            MultiplexerOptions.Create(_target, Logical, _refused, _tunnel, _watch, _surroundings, () => _logins!));
        try
        {
            _multiplexer = await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = Disposal.EndAsync(_surroundings.Logger, ("an abandoned multiplexer", () => DisposeLaterAsync(connecting))).AsTask();
            throw;
        }

        // Whoever adds a handler to a connection that stands is told of later moves alone.
        if (Locator is { } locator)
            await locator.ToldAsync(_tunnel).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async ValueTask DisposeLaterAsync(Task<ConnectionMultiplexer> connecting)
    {
        await ((Task)connecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (connecting.IsCompletedSuccessfully)
            await connecting.Result.DisposeAsync().ConfigureAwait(false);
    }

    // StackExchange.Redis tells little about why it does not connect; a connection of our own finds out, at once and in our words.
    // What to connect to in place of the target when its one address turns out to be the entrance to a cluster; otherwise null.
    private async Task<ConvoyRedisTarget?> TryOutAsync(CancellationToken cancellationToken)
    {
        if (Locator is { } locator)
            await locator.WaitForMasterAsync(cancellationToken).ConfigureAwait(false);
        if (_target.Topology == ConvoyRedisTopology.Cluster)
            await TryOutAnyAsync(cancellationToken).ConfigureAwait(false);
        if (_tunnel.Master is not { } master)
            return null;
        using var transport = await _nodes.DialAsync(master, cancellationToken).ConfigureAwait(false);
        var traits = await NodeTraits.AskAsync(transport, _target, cancellationToken).ConfigureAwait(false);
        _refused = traits.Refused;
        if (!traits.IsOfCluster)
            return null;
        return _target.Database == 0
            ? _target.AsCluster()
            : throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.WrongServer, $"{master} is a node of a cluster, which has database 0 alone. Look at database, which is {_target.Database}.");
    }

    private async Task TryOutAnyAsync(CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = _target.Endpoints.Select(async node =>
        {
            using var transport = await _nodes.DialAsync(node, enough.Token).ConfigureAwait(false);
            return await NodeTraits.AskAsync(transport, _target, enough.Token).ConfigureAwait(false);
        }).ToList();
        var faults = new List<ConvoyRedisConnectionException>();
        await foreach (var attempt in Task.WhenEach(attempts).ConfigureAwait(false))
        {
            if (attempt.IsCompletedSuccessfully)
            {
                _refused = (await attempt.ConfigureAwait(false)).Refused;
                await enough.CancelAsync().ConfigureAwait(false);
                faults.Clear();
                break;
            }

            if (attempt.Exception?.InnerException is ConvoyRedisConnectionException fault)
                faults.Add(fault);
        }

        await ((Task)Task.WhenAll(attempts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (faults.Count > 0)
        {
            throw new ConvoyRedisConnectionException(
                (faults.Find(fault => fault.IsFinal) ?? faults[0]).Fault,
                $"No node of the cluster takes a connection. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}");
        }
    }
}
