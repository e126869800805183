using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Nodes;

/// <summary>Explains the errors with which a node refuses a connection, each with the setting to check.</summary>
internal static class NodeRefusal
{
    public static ConvoyRedisConnectionException Explain(ConvoyRedisEndpoint node, NodeAccess access, string error)
    {
        var what = access.Side.Length == 0 ? node.ToString() : $"Sentinel {node}";
        var password = $"{access.Side}password (CONVOY_REDIS_{access.Side.ToUpperInvariant()}PASSWORD)";
        var username = $"{access.Side}username (CONVOY_REDIS_{access.Side.ToUpperInvariant()}USERNAME)";
        var start = access.HasRoles ? "" : $" {Remedies.SentinelStart}";
        ConvoyRedisConnectionException Refused(ConvoyRedisFault fault, string advice, bool isRefusal = false) =>
            new(fault, $"{what} answered '{access.Credentials.Shown(error)}'. {advice}") { IsRefusal = isRefusal };

        return ErrorCode(error) switch
        {
            "WRONGPASS" => Refused(ConvoyRedisFault.Authentication, $"Check {username} and {password}.{start}"),
            "NOAUTH" => Refused(ConvoyRedisFault.Authentication, $"It requires a password: set {password}.{start}"),
            "NOPERM" => Refused(ConvoyRedisFault.Permission, $"Check the permissions of the ACL user, {username}."),
            "LOADING" => Refused(ConvoyRedisFault.Loading, Remedies.Loading),
            "ERR" when error.Contains("without any password configured", StringComparison.Ordinal) =>
                Refused(ConvoyRedisFault.Authentication, $"It has no password set: remove {password}, or set one there.{start}"),
            "ERR" when error.Contains("AUTH", StringComparison.Ordinal) =>
                Refused(ConvoyRedisFault.Authentication, $"Check {username} and {password}.{start}"),
            "ERR" when !access.HasRoles && error.Contains("unknown command", StringComparison.OrdinalIgnoreCase) =>
                Refused(ConvoyRedisFault.WrongServer, $"This is not a sentinel.{start}"),
            "ERR" when error.Contains("max number of clients", StringComparison.Ordinal) => Refused(ConvoyRedisFault.Unreachable, Remedies.TooManyClients, isRefusal: true),
            "DENIED" => Refused(
                ConvoyRedisFault.Permission, "Set a password there: it runs in protected mode and otherwise accepts connections only from its own machine."),
            _ => Refused(ConvoyRedisFault.Unreachable, "It does not accept commands now.", isRefusal: true),
        };
    }

    /// <summary>Whether a refusal is temporary; any other one lasts until somebody changes the server or its users.</summary>
    public static bool IsTemporary(string error) => ErrorCode(error) is "LOADING" or "BUSY" or "MASTERDOWN" or "TRYAGAIN" or "CLUSTERDOWN";

    /// <summary>Whether the server lacks the command or does not allow it to this user: this says nothing about its state.</summary>
    public static bool IsDenied(string error) =>
        ErrorCode(error) == "NOPERM" || error.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase);

    private static string ErrorCode(string error) => error.Split(' ', 2)[0];
}
