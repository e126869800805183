using System.Collections.Concurrent;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests;

/// <summary>Deployments that the tests of a class share, because each test leaves them as it found them: at most one of each shape.</summary>
public sealed class SharedTopologies : IAsyncDisposable
{
    /// <summary>Certificates for the servers' own names.</summary>
    public static TlsSettings Tls { get; } = new();

    /// <summary>Certificates for <c>redis.example.com</c> alone.</summary>
    public static TlsSettings OtherName { get; } = new() { ServerNames = ["redis.example.com"] };

    /// <summary>Clients must show a certificate.</summary>
    public static TlsSettings ClientCertificates { get; } = new() { DemandClientCertificate = true };

    private readonly ConcurrentDictionary<(ConvoyRedisTopology Kind, TlsSettings? Tls, string? Password), Lazy<Task<RedisTopology>>> _topologies = [];

    public Task<RedisTopology> GetAsync(ConvoyRedisTopology kind, TlsSettings? tls = null, string? password = null) =>
        _topologies.GetOrAdd((kind, tls, password), shape => new(() => Topologies.StartAsync(shape.Kind, shape.Tls, shape.Password, CancellationToken.None))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var topology in _topologies.Values.Where(topology => topology.Value.IsCompletedSuccessfully))
            await topology.Value.Result.DisposeAsync();
    }
}
