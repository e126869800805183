using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>Where and when something was measured, and on which versions.</summary>
internal sealed record Machine(
    string Date, string Cpu, int Cores, string Os, string Runtime, string Redis, string Commit, IReadOnlyDictionary<string, string> Clients)
{
    public static Machine Current() => new(
        DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        CpuName(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Output(Environment.GetEnvironmentVariable("REDIS_SERVER_PATH") ?? "redis-server", "--version").Split(' ').First(word => word.StartsWith("v=", StringComparison.Ordinal))[2..],
        Output("git", "rev-parse", "--short", "HEAD"),
        Versions());

    public string Text() => $"{Date}, commit {Commit}: {Cpu}, {Cores} cores, {Os}; {Runtime}, Redis {Redis}; "
        + string.Join(", ", Clients.Select(client => $"{client.Key} {client.Value}")) + ".";

    private static Dictionary<string, string> Versions()
    {
        var versions = new Dictionary<string, string>();
        var types = new[] { typeof(StackExchange.Redis.ConnectionMultiplexer), typeof(FreeRedis.RedisClient), typeof(CSRedis.CSRedisClient) };
        foreach (var type in types)
            versions[type.Assembly.GetName().Name!] = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
        foreach (var client in Contender.All.Where(client => client.ConnectAsync is null && NpmClients.WhyNot is null))
            versions[client.Name] = NpmClients.VersionOf(client.Package);
        return versions;
    }

    private static string CpuName() => OperatingSystem.IsLinux()
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown CPU"
        : OperatingSystem.IsMacOS() ? Output("sysctl", "-n", "machdep.cpu.brand_string") : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown CPU";

    private static string Output(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return text;
    }
}
