using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>The fault of a sentinel that does not know a master with the configured name.</summary>
internal static class UnknownMaster
{
    private const int MostNames = 10;

    /// <param name="sentinel">The sentinel.</param>
    /// <param name="name">The configured name.</param>
    /// <param name="masters">Its reply to SENTINEL MASTERS.</param>
    /// <param name="dialer">Dialled it.</param>
    public static ConvoyRedisConnectionException Explain(ConvoyRedisEndpoint sentinel, string name, RespReply masters, NodeDialer dialer)
    {
        var names = masters.Items.Select(master => master.Field("name")).OfType<string>().Order(StringComparer.Ordinal).ToList();
        var known = names.Count == 0 ? "" : $" (it knows {string.Join(", ", names.Take(MostNames).Select(known => $"'{dialer.Shown(known)}'"))})";
        return new ConvoyRedisConnectionException(ConvoyRedisFault.UnknownMasterName,
            $"Sentinel {sentinel} does not know a master named '{name}'{known}. "
            + "Check master_name (CONVOY_REDIS_SENTINEL_MASTER_NAME): it must be the name after 'sentinel monitor' in sentinel.conf.");
    }
}
