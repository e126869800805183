using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConvoyRedis.Client.Health;

/// <summary>One problem.</summary>
/// <param name="Status">How bad it is.</param>
/// <param name="What">What was found.</param>
/// <param name="Remedy">What to do about it; null where nothing is known.</param>
internal sealed record Finding(HealthStatus Status, string What, string? Remedy = null)
{
    public override string ToString() => Remedy is null ? What : $"{What} {Remedy}";
}
