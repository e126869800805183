namespace ConvoyRedis.Client.Diagnostics;

/// <summary>What the observable instruments read from one connection.</summary>
/// <param name="Pool">The deployment's name on every figure.</param>
/// <param name="LiveStreams">The streams in use.</param>
/// <param name="Sentinels">The sentinels that are connected and name the master, and the monitor that counts them; null without sentinels.</param>
internal sealed record ConnectionGauges(Func<string> Pool, Func<int> LiveStreams, Func<(object Monitor, int Connected)?> Sentinels);
