namespace ConvoyRedis.Testing.Processes;

/// <summary>Finds redis-server; a sentinel is the same binary started with <c>--sentinel</c>.</summary>
internal static class RedisBinary
{
    private const string Name = "redis-server";
    private const string PathVariable = "REDIS_SERVER_PATH";

    /// <returns>Its path; null when there is none.</returns>
    /// <exception cref="RedisNotInstalledException">REDIS_SERVER_PATH names one that is not there.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } configured)
        {
            return File.Exists(configured)
                ? configured
                : throw new RedisNotInstalledException($"{PathVariable} names '{configured}', which does not exist.");
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, Name))
            .FirstOrDefault(File.Exists);
    }
}
