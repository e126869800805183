using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>How full the disk is that a node persists to. Redis does not tell: it is seen only where the node runs on this very machine.</summary>
internal static class DiskUse
{
    /// <summary>Above it the guide alerts.</summary>
    private const double Bound = 80;

    public static CheckRow Row(CheckSubject subject, NodeAnswers node) => subject.Measure("disk", Percent(node), " %",
        percent => percent > Bound ? CheckStatus.Failure : CheckStatus.Ok, $"<= {Bound} %", Cures.Persistence);

    private static double? Percent(NodeAnswers node)
    {
        if (!node.Settings.TryGetValue(SettingRule.Directory, out var directory) || node.Info?["process_id"] is not { } process)
            return null;
        if (!IsOurs(node.Endpoint.Host) || !IsRedis(process) || !Directory.Exists(directory))
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

    // A port of this machine may lead into a container or to another machine, whose directories are not ours.
    private static bool IsRedis(string process)
    {
        var name = $"/proc/{process}/comm";
        return File.Exists(name) && File.ReadAllText(name).StartsWith("redis-server", StringComparison.Ordinal);
    }
}
