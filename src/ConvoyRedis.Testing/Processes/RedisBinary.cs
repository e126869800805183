using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ConvoyRedis.Testing.Processes;

/// <summary>Finds redis-server; a sentinel is the same binary, or another one, started with <c>--sentinel</c>.</summary>
internal static partial class RedisBinary
{
    private const string Name = "redis-server";
    private const string ServerVariable = "REDIS_SERVER_PATH";
    private const string SentinelVariable = "REDIS_SENTINEL_PATH";

    /// <returns>Its path; null when there is none.</returns>
    /// <exception cref="RedisNotInstalledException">REDIS_SERVER_PATH names one that is not there.</exception>
    public static string? Find() => Named(ServerVariable)
        ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, Name))
            .FirstOrDefault(File.Exists);

    /// <param name="server">The path of redis-server.</param>
    /// <returns>The path of what sentinels run.</returns>
    /// <exception cref="RedisNotInstalledException">REDIS_SENTINEL_PATH names one that is not there.</exception>
    public static string FindSentinel(string server) => Named(SentinelVariable) ?? server;

    /// <param name="server">The path of redis-server.</param>
    /// <returns>Its major version, as it says itself: <c>Redis server v=7.0.15 …</c>.</returns>
    /// <exception cref="RedisNotInstalledException">It does not say.</exception>
    public static int MajorVersion(string server)
    {
        using var process = Process.Start(new ProcessStartInfo(server, ["--version"]) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd();
        return Version().Match(text) is { Success: true } version
            ? int.Parse(version.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : throw new RedisNotInstalledException($"'{server} --version' does not tell a version of Redis: {text.Trim()}");
    }

    [GeneratedRegex(@"v=(\d+)\.")]
    private static partial Regex Version();

    private static string? Named(string variable) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => null,
        var path => File.Exists(path) ? path : throw new RedisNotInstalledException($"{variable} names '{path}', which does not exist."),
    };
}
