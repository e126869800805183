namespace ConvoyRedis.Client.Nodes;

/// <summary>The dialers of a deployment: one for its data nodes, one for its sentinels, and the TLS files of each, read once.</summary>
internal sealed class DeploymentDialers : IDisposable
{
    private readonly TlsMaterial? _tls;
    private readonly TlsMaterial? _sentinelTls;

    /// <param name="target">The deployment.</param>
    /// <param name="time">The clock of timeouts.</param>
    /// <exception cref="ConvoyRedisConnectionException">A certificate file cannot be read.</exception>
    public DeploymentDialers(ConvoyRedisTarget target, TimeProvider time)
    {
        _tls = target.Tls ? TlsMaterial.ToData(target) : null;
        try
        {
            _sentinelTls = target.SentinelTls ? TlsMaterial.ToSentinels(target) : null;
        }
        catch
        {
            _tls?.Dispose();
            throw;
        }

        Nodes = new NodeDialer(NodeAccess.ToData(target, _tls, time: time));
        Sentinels = new NodeDialer(NodeAccess.ToSentinels(target, _sentinelTls, time: time));
    }

    /// <summary>Dials data nodes.</summary>
    public NodeDialer Nodes { get; }

    /// <summary>Dials sentinels.</summary>
    public NodeDialer Sentinels { get; }

    public void Dispose()
    {
        _tls?.Dispose();
        _sentinelTls?.Dispose();
    }
}
