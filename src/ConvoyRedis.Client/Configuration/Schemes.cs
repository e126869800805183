namespace ConvoyRedis.Client.Configuration;

/// <summary>The schemes by which Convoy finds its Redis.</summary>
internal static class Schemes
{
    public const string Redis = "redis";
    public const string RedisTls = "rediss";
    public const string Sentinel = "redis-sentinel";

    public static IReadOnlyList<string> All => [Redis, RedisTls, Sentinel];

    /// <summary>Whether a text is a scheme that people use here, valid or not, and therefore not part of a password.</summary>
    public static bool IsWellKnown(string scheme) => All.Contains(scheme) || scheme is "http" or "https" or "tcp" or "unix";

    /// <summary>The schemes for a message, each with something behind it.</summary>
    public static string List(string suffix = "") => $"{Redis}{suffix}, {RedisTls}{suffix} or {Sentinel}{suffix}";
}
