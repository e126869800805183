using System.Net;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>What a successful connect made, and owns: the multiplexer, the tunnel under it, and a share of the watch over the master.</summary>
internal sealed class ConnectedDeployment : IAsyncDisposable
{
    private readonly TlsMaterial? _tls;
    private readonly NodeDialer _nodes;
    private readonly MasterTunnel _tunnel;
    private readonly ConvoyRedisTarget _target;
    private readonly MasterWatch? _watch;
    private ConnectionMultiplexer? _multiplexer;
    private CommandDurations? _durations;

    private ConnectedDeployment(ConvoyRedisTarget target, Action<MasterChangedEventArgs> masterFollowed, Surroundings surroundings)
    {
        _target = target;
        _tls = target.Tls ? new TlsMaterial(target) : null;
        _nodes = new NodeDialer(NodeAccess.ToData(target, _tls));
        Logical = LogicalEndpoint(target);
        var masters = new MasterDialer(_nodes, replicaAccepted: target.Topology == ConvoyRedisTopology.Standalone, surroundings.Logger);
        _tunnel = new MasterTunnel(Logical, masters, _nodes, target.HoldDeadline, surroundings);
        if (Logical is not null)
            _watch = MasterWatch.Join(target, _tunnel, masterFollowed, surroundings);
    }

    public ConnectionMultiplexer Multiplexer => _multiplexer!;

    public ConvoyRedisPhase Phase => Locator?.View.Phase ?? ConvoyRedisPhase.Following;

    public ConvoyRedisEndpoint? Master => Locator is { } locator ? locator.View.Master : _tunnel.Master;

    public long? Epoch => Locator?.View.Epoch;

    public int LiveStreams => _tunnel.LiveStreams;

    /// <summary>Locates the master by sentinels; null where there are none.</summary>
    public MasterLocator? Locator => _watch?.Locator;

    private EndPoint? Logical { get; }

    /// <summary>Connects once.</summary>
    /// <exception cref="ConvoyRedisConnectionException">It did not work; nothing is left behind.</exception>
    public static async Task<ConnectedDeployment> ConnectAsync(
        ConvoyRedisTarget target,
        Action<MasterChangedEventArgs> masterFollowed,
        Surroundings surroundings,
        CancellationToken cancellationToken)
    {
        var deployment = new ConnectedDeployment(target, masterFollowed, surroundings);
        try
        {
            await deployment.TryOutAsync(cancellationToken).ConfigureAwait(false);
            deployment._multiplexer = await ConnectionMultiplexer.ConnectAsync(
                MultiplexerOptions.Create(target, deployment.Logical, deployment._tunnel, deployment._watch, surroundings))
                .ConfigureAwait(false);
            deployment._durations = new CommandDurations(deployment._multiplexer, surroundings.Telemetry, () => deployment.Master, surroundings.Time);
            cancellationToken.ThrowIfCancellationRequested();
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync().ConfigureAwait(false);
            throw;
        }
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

    public async ValueTask DisposeAsync()
    {
        _durations?.Dispose();
        if (_watch is not null)
            await _watch.LeaveAsync(_tunnel).ConfigureAwait(false);
        if (_multiplexer is not null)
            await _multiplexer.DisposeAsync().ConfigureAwait(false);

        // After the multiplexer, which would otherwise reconnect: ends its streams, upon which whatever is in flight completes.
        _tunnel.Dispose();
        _tls?.Dispose();
    }

    // StackExchange.Redis knows it by this name alone; the tunnel leads it to the real node. Null on a cluster, whose nodes are all real.
    private static DnsEndPoint? LogicalEndpoint(ConvoyRedisTarget target) => target.Topology switch
    {
        ConvoyRedisTopology.Standalone => new DnsEndPoint(target.Endpoints[0].Host, target.Endpoints[0].Port),
        ConvoyRedisTopology.Sentinel => new DnsEndPoint(target.MasterName!, MultiplexerOptions.DefaultPort),
        _ => null,
    };

    // StackExchange.Redis tells little about why it does not connect; a connection of our own finds out, at once and in our words.
    private async Task TryOutAsync(CancellationToken cancellationToken)
    {
        if (Locator is { } locator)
            await locator.WaitForMasterAsync(cancellationToken).ConfigureAwait(false);
        if (_target.Topology == ConvoyRedisTopology.Cluster)
            await TryOutAnyAsync(cancellationToken).ConfigureAwait(false);
        else if (_tunnel.Master is { } master)
            (await _nodes.DialAsync(master, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    private async Task TryOutAnyAsync(CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempts = _target.Endpoints.Select(async node =>
        {
            using var transport = await _nodes.DialAsync(node, enough.Token).ConfigureAwait(false);
        }).ToList();
        var faults = new List<ConvoyRedisConnectionException>();
        await foreach (var attempt in Task.WhenEach(attempts).ConfigureAwait(false))
        {
            if (attempt.IsCompletedSuccessfully)
            {
                await enough.CancelAsync().ConfigureAwait(false);
                faults.Clear();
                break;
            }

            if (attempt.Exception?.InnerException is ConvoyRedisConnectionException fault)
                faults.Add(fault);
        }

        await Task.WhenAll(attempts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (faults.Count > 0)
        {
            throw new ConvoyRedisConnectionException(
                (faults.Find(fault => fault.IsFinal) ?? faults[0]).Fault,
                $"No node of the cluster takes a connection. {string.Join(' ', faults.Select(fault => fault.Message).Distinct())}");
        }
    }
}
