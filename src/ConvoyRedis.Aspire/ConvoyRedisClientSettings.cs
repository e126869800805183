namespace ConvoyRedis.Aspire;

/// <summary>
/// What <c>AddConvoyRedisClient</c> sets up. Read from the section <c>ConvoyRedis</c>, then from <c>ConvoyRedis:{name}</c>, then
/// <c>ConnectionStrings:{name}</c>; code comes last.
/// </summary>
public sealed class ConvoyRedisClientSettings
{
    /// <summary>
    /// Where Redis is: as StackExchange.Redis writes it (<c>host:6379,password=…,ssl=true</c>, as an app host gives it), or a URL
    /// (<c>redis://</c>, <c>rediss://</c>, <c>redis-sentinel://</c>).
    /// </summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? ConnectionString { get; set; }

    /// <summary>Whether no health check is added.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Whether no traces are collected.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool DisableTracing { get; set; }

    /// <summary>Whether no metrics are collected.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool DisableMetrics { get; set; }
}
