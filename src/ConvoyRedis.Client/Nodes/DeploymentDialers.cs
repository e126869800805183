namespace ConvoyRedis.Client.Nodes;

/// <summary>The dialers of a deployment: one for its data nodes, one for its sentinels, and the TLS files that both use, read once.</summary>
internal sealed class DeploymentDialers : IDisposable
{
    private readonly TlsMaterial? _tls;

    /// <param name="target">The deployment.</param>
    /// <param name="time">The clock of timeouts.</param>
    /// <exception cref="ConvoyRedisConnectionException">A certificate file cannot be read.</exception>
    public DeploymentDialers(ConvoyRedisTarget target, TimeProvider time)
    {
        _tls = target.Tls || target.SentinelTls ? new TlsMaterial(target) : null;
        Nodes = new NodeDialer(NodeAccess.ToData(target, _tls, time: time));
        Sentinels = new NodeDialer(NodeAccess.ToSentinels(target, _tls, time: time));
    }

    /// <summary>Dials data nodes.</summary>
    public NodeDialer Nodes { get; }

    /// <summary>Dials sentinels.</summary>
    public NodeDialer Sentinels { get; }

    public void Dispose() => _tls?.Dispose();
}
