using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>The questions to a sentinel over one connection: everything at each poll while something is under way, and one question at rest.</summary>
/// <param name="state">What is known of the link.</param>
/// <param name="asked">Ends the pause before the next poll.</param>
/// <param name="observe">Receives everything that the sentinel says.</param>
/// <param name="listed">Receives, with each complete answer, the other sentinels that this one knows.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class SentinelQuestions(
    SentinelLinkState state, Signal asked, Action<FailoverObservation> observe, Action<IReadOnlyList<SentinelPeer>> listed, ConnectionContext context)
{
    /// <summary>How often everything is asked at rest, for the case that an event was lost.</summary>
    private static readonly TimeSpan CompletePeriod = TimeSpan.FromMinutes(2);

    /// <summary>How often in a row the address is queried while a failover changes the epoch.</summary>
    private const int MostAttempts = 3;

    private AtRest? _atRest;
    private ConvoyRedisEndpoint? _ordered;
    private long _lastEvent = context.Time.GetTimestamp();

    /// <summary>The sentinel published an event; null for one that matters only because it may change an answer.</summary>
    public void NoteEvent(SentinelEvent? published)
    {
        Volatile.Write(ref _lastEvent, context.Time.GetTimestamp());
        if (published is null)
            return;
        if (published.Kind == SentinelEventKind.PromotionOrdered)
            _ordered = published.Candidate;
        observe(published);
    }

    /// <summary>Asks until the connection ends.</summary>
    /// <param name="client">Asks over the connection.</param>
    /// <param name="isToldOfChanges">Whether events tell of everything that changes an answer.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task AskAsync(SentinelClient client, bool isToldOfChanges, CancellationToken cancellationToken)
    {
        while (true)
        {
            var isAtRest = isToldOfChanges && Elapsed(Volatile.Read(ref _lastEvent)) >= SentinelLink.Watchful
                && _atRest is { } last && Elapsed(last.Since) < CompletePeriod;
            using (var timeout = new Deadline(SentinelLink.AnswerTimeout, context.Time, cancellationToken))
            {
                if (!isAtRest || !await IsUnchangedAsync(client, timeout.Token).ConfigureAwait(false))
                    await AskAllAsync(client, timeout.Token).ConfigureAwait(false);
            }

            // Not all processes at the same moment, and together with the complete questions no more than one command a second.
            var period = isAtRest ? SentinelLink.PollPeriod * (1 + (0.2 * Random.Shared.NextDouble())) : SentinelLink.PollPeriod;
            if (await asked.WaitAsync(period, cancellationToken).ConfigureAwait(false))
                _atRest = null;
        }
    }

    private TimeSpan Elapsed(long since) => context.Time.GetElapsedTime(since);

    // A failover, and each change of the configuration, changes the answer, or is told by an event.
    private async Task<bool> IsUnchangedAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        if (_atRest is not { } atRest || await client.GetMasterAsync(cancellationToken).ConfigureAwait(false) != atRest.Master)
            return false;
        observe(atRest.Answer);
        return true;
    }

    private async Task AskAllAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        _atRest = null;
        try
        {
            if (!await TryObserveMasterAsync(client, cancellationToken).ConfigureAwait(false))
                return;
        }
        catch (ConvoyRedisConnectionException fault) when (fault.Fault == ConvoyRedisFault.NoMaster)
        {
            // The link stays: its events still count, and the next answer may be usable.
            state.Report(fault);
            return;
        }

        state.ReportQuorum(await client.GetQuorumFaultAsync(cancellationToken).ConfigureAwait(false));
        if (await client.GetPeersAsync(cancellationToken).ConfigureAwait(false) is { } peers)
            listed(peers);
    }

    // Address and epoch come from two commands: an answer counts when the epoch is the same before and after the address.
    private async Task<bool> TryObserveMasterAsync(SentinelClient client, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostAttempts; attempt++)
        {
            var before = await client.GetMasterAsync(cancellationToken).ConfigureAwait(false);
            var address = before is null ? null : await client.GetMasterAddressAsync(cancellationToken).ConfigureAwait(false);
            var after = address is null ? null : await client.GetMasterAsync(cancellationToken).ConfigureAwait(false);
            if (address is null || after is null)
            {
                state.Report(await client.ExplainUnknownMasterAsync(cancellationToken).ConfigureAwait(false));
                return false;
            }

            if (before!.Epoch != after.Epoch)
                continue;
            var isInTilt = await client.IsInTiltAsync(cancellationToken).ConfigureAwait(false);
            state.Note(after);

            // Until a failover has ended, the reported health is that of the old master.
            var health = after.Address == address ? after.Health : MasterHealth.Up;
            var answer = new SentinelAnswered(state.Sentinel, address.Value, before.Epoch!.Value, isInTilt, health);
            if (after.IsAtRest && after.Address == address && !isInTilt)
                _atRest = new AtRest(after, answer, context.Time.GetTimestamp());
            observe(answer);
            state.Report(null);
            await CatchUpAsync(client, after, cancellationToken).ConfigureAwait(false);
            return true;
        }

        return false;
    }

    // Whoever starts while a failover is under way has not heard its first steps. Its leader shows them.
    private async Task CatchUpAsync(SentinelClient client, MonitoredMaster master, CancellationToken cancellationToken)
    {
        if (!master.IsPromotionOrdered)
        {
            _ordered = null;
            return;
        }

        if (await client.GetPromotedAsync(cancellationToken).ConfigureAwait(false) is not { } candidate || candidate == _ordered)
            return;
        _ordered = candidate;
        observe(new SentinelEvent(state.Sentinel, SentinelEventKind.CandidateSelected, master.Address, candidate));
        observe(new SentinelEvent(state.Sentinel, SentinelEventKind.PromotionOrdered, master.Address, candidate));
    }

    /// <summary>What the sentinel answered last to all questions, while nothing was under way.</summary>
    private sealed record AtRest(MonitoredMaster Master, SentinelAnswered Answer, long Since);
}
