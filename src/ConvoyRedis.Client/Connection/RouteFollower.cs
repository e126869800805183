using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;

namespace ConvoyRedis.Client.Connection;

/// <summary>A route that follows the master, and the listener to its moves, called in order.</summary>
/// <param name="Route">The route.</param>
/// <param name="Followed">Called after each move.</param>
internal sealed record RouteFollower(LogicalRoute Route, Action<MasterChangedEventArgs> Followed)
{
    /// <summary>A move with an unknown loss.</summary>
    public static readonly Task<long?> NothingKnown = Task.FromResult<long?>(null);

    private readonly OrderedWork _reports = new();

    /// <summary>Completes when the moves until now have been reported.</summary>
    public Task Reported => _reports.Done;

    /// <summary>Carries out a decision on the route.</summary>
    /// <returns>Completes when the route has moved, with the number of bytes that may be lost, or null if unknown.</returns>
    public Task<long?> Execute(MasterDecision decision)
    {
        switch (decision)
        {
            case Follow follow:
                Route.RouteTo(follow.Master);
                break;
            case GiveUpMaster:
                Route.RouteTo(null);
                break;
            case HoldMaster:
                Route.Hold();
                break;
            case HandOver handOver:
                return Route.HandOverAsync(handOver.Master);
            case ReleaseMaster release:
                Route.Release(release.Master);
                break;
        }

        return NothingKnown;
    }

    /// <summary>Reports a move once it has been made, after all moves before it. To be called under the coordinator's lock.</summary>
    public void Report(Func<long?, MasterChangedEventArgs> change, Task<long?> moving) => _reports.Post(async () =>
    {
        await ((Task)moving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Followed(change(moving.IsCompletedSuccessfully ? moving.Result : null));
    });
}
