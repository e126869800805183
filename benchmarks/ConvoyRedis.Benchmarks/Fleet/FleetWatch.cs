namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>How fast a candidate copies, in alternation.</summary>
/// <param name="Watchers">How many watch it.</param>
/// <param name="Alone">The bytes that it copied in a second while nobody watched it.</param>
/// <param name="Watched">The bytes while all did.</param>
/// <param name="Roles">How often it was asked for its ROLE in a second then.</param>
internal sealed record FleetWatch(int Watchers, double Alone, double Watched, double Roles);
