using ConvoyRedis.Client;

namespace ConvoyRedis.Tool.Drill;

/// <summary>A deployment that can be failed over on purpose.</summary>
internal interface IDrillDeployment
{
    /// <summary>Finds the master to replace.</summary>
    /// <param name="connection">The connection under test.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ConvoyRedisConnectionException">Nobody tells, or nothing could take over.</exception>
    Task<DrillSubject> FindAsync(ConvoyRedisConnection connection, CancellationToken cancellationToken);

    /// <summary>Brings the failover about.</summary>
    /// <exception cref="ConvoyRedisConnectionException">It is refused.</exception>
    Task FailOverAsync(DrillSubject subject, CancellationToken cancellationToken);
}
