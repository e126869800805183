using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ConvoyRedis.Client.Health;

/// <summary>One thing that is not as it should be.</summary>
/// <param name="Status">How bad it is.</param>
/// <param name="What">What was found.</param>
/// <param name="Cure">What to do about it; null where nothing is known.</param>
internal sealed record Finding(HealthStatus Status, string What, string? Cure = null)
{
    public override string ToString() => Cure is null ? What : $"{What} {Cure}";
}
