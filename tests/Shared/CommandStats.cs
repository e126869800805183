using System.Globalization;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tests;

/// <summary>What a server has counted of the commands that it got.</summary>
internal static class CommandStats
{
    /// <summary>How often it executed a command, also one that its master sent it.</summary>
    public static async Task<int> CallsAsync(this RedisServer node, string command) =>
        Number((await node.ExecuteAsync("INFO", "commandstats")).Text!, $"cmdstat_{command}:calls=");

    /// <summary>How many writes of clients it refused because it was a replica.</summary>
    public static async Task<int> WritesRefusedAsync(this RedisServer node) =>
        Number((await node.ExecuteAsync("INFO", "errorstats")).Text!, "errorstat_READONLY:count=");

    private static int Number(string info, string beginning)
    {
        var line = info.Split('\n').FirstOrDefault(line => line.StartsWith(beginning, StringComparison.Ordinal));
        return line is null ? 0 : int.Parse(line[beginning.Length..].Split(',')[0].TrimEnd(), CultureInfo.InvariantCulture);
    }
}
