using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>
/// Which node answers a command that only reads, if the caller set no preference in its <see cref="CommandFlags"/>. A replica may answer with
/// older data than the master has. All other commands go to the master.
/// </summary>
/// <remarks>
/// <see cref="CommandFlags.PreferMaster"/> is 0, the same as <see cref="CommandFlags.None"/>: it counts as no preference. Transactions and
/// <c>Execute</c> are not reads, whatever they contain.
/// </remarks>
public enum ConvoyRedisReadFrom
{
    /// <summary>Only the master. A read waits for it while it is not connected.</summary>
    Master,

    /// <summary>The master; a replica while the master is not connected. This is what StackExchange.Redis does by itself.</summary>
    PreferMaster,

    /// <summary>A replica; if none is connected and close enough behind the master, the master.</summary>
    PreferReplica,

    /// <summary>Only a replica. A read fails at once if none is connected and close enough behind the master.</summary>
    Replica,
}
