using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ConvoyRedis.Shared;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>How full the disk is that a node persists to. Redis does not tell: it is seen only where the node runs on this very machine.</summary>
internal static class DiskUse
{
    /// <summary>Above it the guide alerts.</summary>
    private const double Bound = 80;

    public static CheckRow Row(CheckSubject subject, NodeAnswers node) => subject.Measure("disk", Percent(node), " %",
        percent => percent > Bound ? CheckStatus.Failure : CheckStatus.Ok, $"<= {Bound} %", Remedies.Persistence);

    private static double? Percent(NodeAnswers node)
    {
        if (!(node.Endpoint.IsUnixSocket || IsOurs(node.Endpoint.Host)) || DataDirectory(node) is not { } directory)
            return null;
        var disk = new DriveInfo(directory);
        return 100.0 * (disk.TotalSize - disk.TotalFreeSpace) / disk.TotalSize;
    }

    private static bool IsOurs(string host)
    {
        try
        {
            var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses)
                .Select(address => address.Address).ToHashSet();
            return Dns.GetHostAddresses(host).Any(address => IPAddress.IsLoopback(address) || own.Contains(address));
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // A port of this machine may lead to another one, whose directories are not ours, or into a container, which has its own: as the server sees it.
    private static string? DataDirectory(NodeAnswers node)
    {
        if (!node.Settings.TryGetValue(SettingRule.Directory, out var directory) || node.Info is not { } info)
            return null;
        var servers = Directory.Exists("/proc") ? Directory.GetDirectories("/proc").Where(process => IsServer(process, info)).ToList() : [];
        return servers switch
        {
            [var process] when IsInContainer(process) => $"{process}/cwd",
            [_] => directory,
            _ => null,
        } is { } found && Directory.Exists(found) ? found : null;
    }

    private static bool IsServer(string process, NodeInfo info) =>
        Read($"{process}/comm").StartsWith("redis-server", StringComparison.Ordinal)
        && Read($"{process}/cmdline").Contains($":{info["tcp_port"]}", StringComparison.Ordinal)
        && Pids(process).LastOrDefault() == info["process_id"];

    private static bool IsInContainer(string process) => Pids(process).Count > 1;

    // From outside to inside: a process in a container has another one there.
    private static List<string> Pids(string process) =>
        [.. Read($"{process}/status").Split('\n').FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal))?.Split('\t').Skip(1) ?? []];

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Ended, or not a process.
            return "";
        }
    }
}
