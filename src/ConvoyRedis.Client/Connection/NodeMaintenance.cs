using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Maintenance;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// What a node of a fixed endpoint announces about its maintenance, and what follows. The announcements come over the role monitor's connection, with
/// the answers to its questions: at most a second late, and at another moment in each process, so that a thousand of them do not move at once. The streams
/// are handed over as soon as a master answers where the endpoint leads next; until then, nothing is cut.
/// </summary>
/// <param name="own">The role monitor's connection to the node.</param>
/// <param name="dialer">Dials nodes.</param>
/// <param name="handled">The moves that were carried out.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class NodeMaintenance(NodeTransport own, NodeDialer dialer, HandledMoves handled, ConnectionContext context)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(300);

    private MaintenanceNotice? _last;
    private MasterLookout? _lookout;
    private (long Since, TimeSpan Lasts)? _delay;

    /// <summary>Whether late answers were announced: a silent node is not suspect.</summary>
    public bool IsPatient => _delay is { } delay && context.Time.GetElapsedTime(delay.Since) < delay.Lasts;

    /// <summary>The time until the node and its endpoint are asked again.</summary>
    public TimeSpan Pause => _lookout is { IsClose: true }
        ? ShortestPause + ((LongestPause - ShortestPause) * Random.Shared.NextDouble())
        : RoleMonitor.Period;

    /// <summary>Asks the node to announce its maintenance; one that cannot, or does not allow it, is left alone.</summary>
    /// <param name="ask">Asks the node over the role monitor's connection.</param>
    public async Task SubscribeAsync(Func<string[], Task<RespReply>> ask)
    {
        own.Resp.Pushed = OnPushed;

        // Over RESP2, the node could not be asked for its role any more once a channel is subscribed to.
        if ((await ask(["HELLO", "3"]).ConfigureAwait(false)).Field("proto") != "3")
            return;
        string[][] commands =
        [
            ["CLIENT", "MAINT_NOTIFICATIONS", "ON", "moving-endpoint-type", MovingEndpointType.For(own.Address.Host)],
            ["SUBSCRIBE", AzureNotice.Channel],
        ];
        foreach (var command in commands)
        {
            var reply = await ask(command).ConfigureAwait(false);
            if (!reply.IsError)
                return;
            Log.MaintenanceNotAnnounced(context.Logger, own.Node, command[0], dialer.Shown(reply.Text!));
        }
    }

    /// <summary>Hands the streams over if a master answers where the endpoint leads next.</summary>
    /// <param name="routes">The routes with a stream to the node.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>Whether the streams were handed over: the role monitor's connection no longer belongs to them.</returns>
    public async Task<bool> FollowAsync(IReadOnlyList<LogicalRoute> routes, CancellationToken cancellationToken)
    {
        if (_lookout is not { IsClose: true } lookout)
            return false;
        if (lookout.IsOver)
        {
            if (!lookout.WasRenewed)
                Log.MaintenanceWithoutMove(context.Logger, own.Node);
            _lookout = null;
            return false;
        }

        if (await FindAsync(lookout, cancellationToken).ConfigureAwait(false) is not var (address, isElsewhere))
            return false;
        await Task.WhenAll(routes.Select(route => AnnouncedMove.MakeAsync(route, own, address, context))).ConfigureAwait(false);
        if (!isElsewhere)
        {
            lookout.WasRenewed = true;
            return false;
        }

        if (lookout.Move is { } move)
            handled.Add(own.Address, move);
        return true;
    }

    private void OnPushed(RespReply push)
    {
        if (!MaintenanceNotices.IsNotice(push))
            return;
        if (MaintenanceNotices.Read(push) is not { } notice)
        {
            Log.MaintenanceNotUnderstood(context.Logger, own.Node, dialer.Shown(string.Join(' ', push.Items.Select(item => item.Text))));
            return;
        }

        // A repetition: of a move that was made or is being made, or of what has long been over.
        if (notice is EndpointMoves move && (handled.Contains(own.Address, move) || _lookout?.Move?.Sequence == move.Sequence))
            return;
        if (notice is AnswersRestored && _delay is null)
            return;

        if (notice != _last)
            Log.MaintenanceAnnounced(context.Logger, own.Node, dialer.Shown(notice.ToString()));
        _last = notice;
        if (notice is AnswersDelayed delayed)
            _delay = (context.Time.GetTimestamp(), delayed.Lasts);
        else if (notice is AnswersRestored)
            _delay = null;
        else if (notice is NodeMaintained { Step: AzureStep.Ended })
            _lookout = null;
        else if (MasterLookout.For(notice, context.Time) is { } lookout)
            _lookout = lookout;
    }

    // The address at which a master answers, and whether it is another one than the present.
    private async Task<(ConvoyRedisEndpoint Address, bool IsElsewhere)?> FindAsync(MasterLookout lookout, CancellationToken cancellationToken)
    {
        using var patience = new Deadline(RoleMonitor.Period, context.Time, cancellationToken);
        try
        {
            if (lookout.Move?.To is { } to && dialer.Reachable(to) is var named && named != own.Address && await IsMasterAsync(named, patience.Token).ConfigureAwait(false))
                return (named, true);
            if (!lookout.IsNameAsked)
                return null;
            var isElsewhere = false;
            using var master = await dialer.DialMasterAsync(own.Node, patience.Token, IsTakenAsync).ConfigureAwait(false);
            return master is null ? null : (master.Address, isElsewhere);

            async Task<bool> IsTakenAsync(NodeTransport other)
            {
                isElsewhere = other.Address != own.Address || await IsOtherProcessAsync(other, patience.Token).ConfigureAwait(false);
                return isElsewhere || lookout.IsAnyTaken;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    // An address that swallows everything leaves time to ask for the name.
    private async Task<bool> IsMasterAsync(ConvoyRedisEndpoint address, CancellationToken cancellationToken)
    {
        using var patience = new Deadline(RoleMonitor.Period / 2, context.Time, cancellationToken);
        try
        {
            using var transport = await dialer.DialAsync(own.Node, patience.Token, address).ConfigureAwait(false);
            return transport.IsMaster != false;
        }
        catch (Exception exception) when (exception is ConvoyRedisConnectionException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    // Behind a load balancer, another node answers at the same address.
    private async Task<bool> IsOtherProcessAsync(NodeTransport other, CancellationToken cancellationToken)
    {
        try
        {
            await other.IdentifyAsync(cancellationToken).ConfigureAwait(false);
            return own.RunId is { } runId && other.RunId is { } otherId && runId != otherId;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
