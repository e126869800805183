using ConvoyRedis.Shared;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Health;

/// <summary>
/// Checks whether callers can write, and whether they still could after one more failure. It sends a write that changes nothing over the
/// callers' connection. The state of memory, persistence and replicas comes from INFO, that of the sentinels from the existing links.
/// </summary>
internal sealed class ConvoyRedisHealthCheck : IHealthCheck
{
    /// <summary>The key of the test write, SETRANGE with an empty value: it changes nothing, and Redis refuses it if it would refuse another write.</summary>
    public const string Key = "convoy-redis:health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly ConvoyRedisConnection _connection;
    private readonly TimeProvider _time;
    private readonly TimeSpan _grace;
    private long? _lastSuccess;

    /// <param name="connection">What is checked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="grace">How long a failover may take; callers wait for <c>command_timeout</c>, which is the default.</param>
    public ConvoyRedisHealthCheck(ConvoyRedisConnection connection, TimeProvider time, TimeSpan? grace) =>
        (_connection, _time, _grace) = (connection, time, grace ?? connection.Target.CommandTimeout);

    private bool IsWithinGrace => _lastSuccess is { } last && _time.GetElapsedTime(last) < _grace;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var findings = new List<Finding>();
        var data = new Dictionary<string, object>();
        var began = _time.GetTimestamp();
        try
        {
            using var limit = new Deadline(Patience, _time, cancellationToken);
            var multiplexer = await _connection.GetMultiplexerAsync(limit.Token).ConfigureAwait(false);
            await WriteNothingAsync(multiplexer.GetDatabase()).WaitAsync(limit.Token).ConfigureAwait(false);
            data["latency_ms"] = _time.GetElapsedTime(began).TotalMilliseconds;
            _lastSuccess = _time.GetTimestamp();
            findings.AddRange(await AskNodesAsync(multiplexer, limit.Token).ConfigureAwait(false));
        }
        catch (RedisServerException error)
        {
            findings.Add(new Finding(HealthStatus.Unhealthy, $"Redis refuses writes: {_connection.Shown(error.Message)}", Remedies.ForError(error.Message)));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested
            && exception is RedisException or ConvoyRedisConnectionException or OperationCanceledException or TimeoutException)
        {
            findings.Add(NoAnswer(exception));
        }

        cancellationToken.ThrowIfCancellationRequested();
        findings.AddRange(Sentinels());
        if (_connection.Connected?.Replicas is { IsOnReplica: false })
            findings.Add(new Finding(HealthStatus.Degraded, "No replica is in step: what may be read from one goes to the master.", Remedies.ReplicaDown));
        if (_connection.Connected?.Cluster is { } cluster)
            findings.AddRange(ClusterFindings.Of(cluster.Layout, cluster.Shards, _grace));
        Describe(data, findings);
        var worst = findings.Select(finding => finding.Status).Append(HealthStatus.Healthy).Min();
        return new HealthCheckResult(
            worst == HealthStatus.Unhealthy ? context.Registration.FailureStatus : worst,
            findings.Count == 0 ? $"{_connection.Master?.ToString() ?? "The cluster"} accepts writes." : string.Join(' ', findings),
            data: data);
    }

    private static async Task WriteNothingAsync(IDatabase database)
    {
        try
        {
            await database.StringSetRangeAsync(Key, 0, RedisValue.EmptyString).ConfigureAwait(false);
        }
        catch (RedisServerException error) when (NodeRefusal.IsDenied(error.Message))
        {
            // The user may not write this key or run this command; the answer still shows that the master is reachable.
        }
    }

    private async Task<Finding[]> AskNodesAsync(IConnectionMultiplexer multiplexer, CancellationToken cancellationToken)
    {
        // Where a master was replaced while it was down, its address leads to its successor, which is asked under its own.
        var layout = _connection.Connected?.Cluster?.Layout;
        IEnumerable<ConvoyRedisEndpoint> masters = _connection.Master is { } master ? [master]
            : multiplexer.GetServers().Where(server => server is { IsConnected: true, IsReplica: false })
                .Select(server => MasterTunnel.ToNode(server.EndPoint))
                .Where(node => layout?.Find(node) is null or { IsReplica: false, Slots.Count: > 0 });
        return [.. (await Task.WhenAll(masters.Select(node => AskNodeAsync(node, cancellationToken))).ConfigureAwait(false)).SelectMany(found => found)];
    }

    private async Task<IEnumerable<Finding>> AskNodeAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken)
    {
        try
        {
            var info = await _connection.Connected!.AskAsync(node, ["INFO"], cancellationToken).ConfigureAwait(false);
            var replicas = _connection.Coordinator?.Sentinels.Max(sentinel => sentinel.Replicas);

            // Values that the user may not see, as on some managed services, are not judged.
            return NodeInfo.From(info) is { } fields ? NodeFindings.Of($"{node}", fields, replicas, _connection.Shown) : [];
        }
        catch (Exception exception) when (exception is ConvoyRedisConnectionException or OperationCanceledException or IOException)
        {
            return [new Finding(HealthStatus.Degraded, $"{node} accepts writes but does not answer INFO: {exception.Message}")];
        }
    }

    // Callers wait as long as a failover may take: the service is down only when they fail.
    private Finding NoAnswer(Exception exception)
    {
        var what = exception is OperationCanceledException or TimeoutException
            ? $"No answer within {Patience.TotalSeconds} s ({_connection.Phase})."
            : exception is ConvoyRedisConnectionException ? exception.Message : _connection.Shown(exception.Message);
        return IsWithinGrace && _connection.Target.Topology != ConvoyRedisTopology.Standalone
            ? new Finding(HealthStatus.Degraded, $"{what} Callers are waiting for a failover.")
            : new Finding(HealthStatus.Unhealthy, what, _connection.LastFault?.Message);
    }

    private IEnumerable<Finding> Sentinels()
    {
        if (_connection.Coordinator is not { } coordinator)
            yield break;
        var phase = coordinator.View.Phase;
        if (phase is not (ConvoyRedisPhase.Following or ConvoyRedisPhase.Locating))
            yield return new Finding(HealthStatus.Degraded, $"A failover is in progress ({phase}).");
        foreach (var sentinel in coordinator.Sentinels.Where(sentinel => sentinel.Fault is not null))
            yield return new Finding(HealthStatus.Degraded, sentinel.Fault!, Remedies.Sentinel);
        var findings = coordinator.Findings;
        foreach (var named in findings.Refuted)
        {
            yield return new Finding(
                HealthStatus.Degraded, $"Sentinels name {named.Node} as the master at epoch {named.Epoch}, but it is a replica; the master is {findings.Master}.",
                Remedies.SentinelsForgot);
        }

        foreach (var (sentinel, other, epoch) in findings.Dissent)
            yield return new Finding(HealthStatus.Degraded, $"Sentinel {sentinel} names {other} as the master at epoch {epoch}.", Remedies.SentinelsDisagree);
        foreach (var fault in coordinator.Sentinels.Select(sentinel => sentinel.QuorumFault).OfType<string>().Distinct())
            yield return new Finding(HealthStatus.Degraded, $"Sentinels cannot fail over: {fault}", Remedies.Quorum);
    }

    private void Describe(Dictionary<string, object> data, List<Finding> findings)
    {
        data["phase"] = _connection.Phase.ToString();
        if (_connection.Master is { } master)
            data["master"] = master.ToString();
        if (_connection.Epoch is { } epoch)
            data["epoch"] = epoch;
        if (_connection.Connected?.Replicas is { Node: { } replica })
            data["reading_from"] = replica.ToString();
        if (_connection.LastFailover is { } last)
            data["last_failover"] = last;
        data["findings"] = findings.Select(finding => finding.ToString()).ToArray();
    }
}
