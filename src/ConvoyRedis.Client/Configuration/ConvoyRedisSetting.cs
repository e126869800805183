namespace ConvoyRedis.Client;

/// <summary>A setting that has been given, for showing.</summary>
/// <param name="Name">Its key in convoy.json.</param>
/// <param name="Value">What was written; of a secret only <c>***</c>.</param>
/// <param name="Source">Under which name, and where.</param>
public sealed record ConvoyRedisSetting(string Name, string Value, string Source);
