namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>A connected client, as its users have it.</summary>
internal interface IBenchmarkClient : IAsyncDisposable
{
    /// <summary>INCR: a key that was written once has the value 1 afterwards, one that was written twice another.</summary>
    /// <returns>The value.</returns>
    Task<long> IncrementAsync(string key);

    /// <summary>GET; null if there is no such key.</summary>
    Task<string?> ReadAsync(string key);
}
