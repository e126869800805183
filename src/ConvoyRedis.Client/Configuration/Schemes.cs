namespace ConvoyRedis.Client.Configuration;

/// <summary>The schemes by which Convoy finds its Redis.</summary>
internal static class Schemes
{
    public const string Redis = "redis";
    public const string RedisTls = "rediss";
    public const string Sentinel = "redis-sentinel";

    public static IReadOnlyList<string> All { get; } = [Redis, RedisTls, Sentinel];

    /// <summary>The schemes for a message, each with something behind it.</summary>
    public static string List(string suffix = "") => $"{Redis}{suffix}, {RedisTls}{suffix} or {Sentinel}{suffix}";
}
