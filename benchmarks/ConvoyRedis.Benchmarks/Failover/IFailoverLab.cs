using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>A fresh deployment, and a fault that can be brought about there once.</summary>
internal interface IFailoverLab : IAsyncDisposable
{
    /// <summary>What the clients are told.</summary>
    Deployment Deployment { get; }

    /// <summary>The master before the fault.</summary>
    RedisServer Master { get; }

    /// <summary>What the sentinels announce; null where there are none.</summary>
    SentinelEvents? Events { get; }

    /// <summary>Brings the fault about.</summary>
    /// <returns>Since when clients can write to the new master; null if there was none in time.</returns>
    Task<Takeover?> FailOverAsync(CancellationToken cancellationToken);

    /// <summary>Whether nothing else happened since: the new master is the master.</summary>
    Task<bool> IsStillMasterAsync(RedisServer node, CancellationToken cancellationToken);
}
