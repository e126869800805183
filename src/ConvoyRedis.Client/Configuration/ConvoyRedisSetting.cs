namespace ConvoyRedis.Client;

/// <summary>A setting that was set, for display.</summary>
/// <param name="Name">Its key in convoy.json.</param>
/// <param name="Value">The value as it was written; <c>***</c> for a secret.</param>
/// <param name="Source">The name that was used, and where it was set.</param>
public sealed record ConvoyRedisSetting(string Name, string Value, string Source);
