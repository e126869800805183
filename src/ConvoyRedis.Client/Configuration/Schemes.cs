namespace ConvoyRedis.Client.Configuration;

/// <summary>The schemes by which Convoy finds its Redis.</summary>
internal static class Schemes
{
    public const string Redis = "redis";
    public const string RedisTls = "rediss";
    public const string Sentinel = "redis-sentinel";

    /// <summary>The scheme of a URL with the path of a Unix socket; the setting does not have it.</summary>
    public const string Unix = "unix";

    public static IReadOnlyList<string> All => [Redis, RedisTls, Sentinel];

    /// <summary>Whether a text is a scheme that people use here, valid or not, and therefore not part of a password.</summary>
    public static bool IsWellKnown(string scheme) => All.Contains(scheme) || scheme is "http" or "https" or "tcp" or Unix;

    /// <summary>The schemes for a message.</summary>
    public static string List() => $"{Redis}, {RedisTls} or {Sentinel}";

    /// <summary>The beginnings of URLs for a message.</summary>
    public static string ListOfUrls() => $"{Redis}://, {RedisTls}://, {Sentinel}:// or {Unix}://";
}
