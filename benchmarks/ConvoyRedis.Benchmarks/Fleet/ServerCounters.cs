using System.Globalization;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What a server has counted since it started, by INFO.</summary>
/// <param name="Connected">The connections at present.</param>
/// <param name="Received">The connections so far.</param>
/// <param name="Commands">The commands so far, but for INCR, which is what the clients write.</param>
/// <param name="Roles">The ROLE commands so far.</param>
/// <param name="CpuMilliseconds">The processor time of the process, as the kernel accounts it.</param>
internal sealed record ServerCounters(double Connected, double Received, double Commands, double Roles, double CpuMilliseconds)
{
    private const int Attempts = 3;
    private const double MillisecondsInSecond = 1000;

    private static readonly ServerCounters Fresh = new(0, 0, 0, 0, 0);

    /// <summary>Of all these servers, as they are before they start.</summary>
    public static Dictionary<RedisServer, ServerCounters> BeforeStart(IEnumerable<RedisServer> servers) => servers.ToDictionary(server => server, _ => Fresh);

    /// <summary>Of those of the servers that answer.</summary>
    public static async Task<Dictionary<RedisServer, ServerCounters>> ReadAsync(IEnumerable<RedisServer> servers, CancellationToken cancellationToken)
    {
        var counters = new Dictionary<RedisServer, ServerCounters>();
        foreach (var server in servers.Where(server => server is { IsRunning: true, IsHung: false }))
            counters[server] = await ReadAsync(server, cancellationToken);
        return counters;
    }

    /// <summary>Of one server.</summary>
    public static async Task<ServerCounters> ReadAsync(RedisServer server, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Parse((await server.ExecuteAsync(["INFO", "everything"], cancellationToken)).Text!);
            }
            catch (IOException) when (attempt < Attempts)
            {
                // A node that just becomes a replica ends its connections.
            }
        }
    }

    private static ServerCounters Parse(string info)
    {
        var fields = new Dictionary<string, string>();
        foreach (var field in info.Split("\r\n").Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2))
            fields[field[0]] = field[1];
        double Number(string name) => double.Parse(fields[name], CultureInfo.InvariantCulture);

        // A sentinel does not count by command: nobody writes there.
        double Calls(string command) => fields.TryGetValue($"cmdstat_{command}", out var statistics)
            ? double.Parse(statistics.Split(',')[0].Split('=')[1], CultureInfo.InvariantCulture) : 0;
        return new ServerCounters(
            Number("connected_clients"), Number("total_connections_received"), Number("total_commands_processed") - Calls("incr"), Calls("role"),
            (Number("used_cpu_sys") + Number("used_cpu_user")) * MillisecondsInSecond);
    }
}
