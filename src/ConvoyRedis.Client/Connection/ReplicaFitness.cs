using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Finds out whether replicas are in step with their master. Where the master does not tell its offset, a replica's link to it must do; one that does not
/// answer INFO is believed.
/// </summary>
/// <param name="offsets">The master's offsets.</param>
/// <param name="longestLag">How far a replica may be behind.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplicaFitness(MasterOffsets offsets, TimeSpan longestLag, TimeProvider time)
{
    private const int MostQuestions = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Whether a replica may be read from: it must have what the master had a moment ago, at least. One that lacks a little copies it in an instant.
    /// </summary>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> IsFitAsync(NodeTransport replica, CancellationToken cancellationToken)
    {
        for (var asked = 1; ; asked++)
        {
            var state = await ReplicaState.AskAsync(replica, cancellationToken).ConfigureAwait(false);
            if (!state.IsUnfit && (state.IsHidden || (Has(state) ?? state.IsLinked)))
                return true;
            if (state.IsUnfit || asked == MostQuestions)
                return false;
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Completes when a replica that is read from is unfit, by <see cref="IsFitAsync"/> or as it is asked once a second, or when nobody reads from it any more.</summary>
    /// <param name="replica">The replica.</param>
    /// <param name="isRead">Whether anybody reads from it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">The connection has ended.</exception>
    /// <exception cref="OperationCanceledException">The replica does not answer, or <paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task WhileFitAsync(NodeTransport replica, Func<bool> isRead, CancellationToken cancellationToken)
    {
        using (var patience = new Deadline(ReplicaMonitor.Period, time, cancellationToken))
        {
            if (!await IsFitAsync(replica, patience.Token).ConfigureAwait(false))
                return;
        }

        for (var linkedAt = time.GetTimestamp(); isRead();)
        {
            using (var patience = new Deadline(ReplicaMonitor.Period, time, cancellationToken))
            {
                var state = await ReplicaState.AskAsync(replica, patience.Token).ConfigureAwait(false);
                if (state.IsLinked)
                    linkedAt = time.GetTimestamp();
                if (state.IsUnfit || (!state.IsHidden && (Behind(state) ?? time.GetElapsedTime(linkedAt)) > longestLag))
                    return;
            }

            await Task.Delay(ReplicaMonitor.Period * (0.5 + Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool? Has(ReplicaState state) => state.Offset is { } offset ? offsets.IsWithin(offset, longestLag) : null;

    private TimeSpan? Behind(ReplicaState state) => state.Offset is { } offset ? offsets.Behind(offset) : null;
}
