using StackExchange.Redis;

namespace ConvoyRedis.Client.Replicas;

/// <summary>Sets the preferred node of commands whose flags set none, and refuses those that demand a replica while there is none.</summary>
/// <param name="readFrom">Which node answers reads.</param>
/// <param name="hasReplica">Whether there is a replica to read from.</param>
internal sealed class ReadRouting(ConvoyRedisReadFrom readFrom, Func<bool> hasReplica)
{
    // The flags that set a preference are two bits: 4 DemandMaster, 8 PreferReplica, 12 DemandReplica.
    private const CommandFlags Preference = CommandFlags.DemandMaster | CommandFlags.PreferReplica;

    private readonly CommandFlags _default = readFrom switch
    {
        ConvoyRedisReadFrom.Master => CommandFlags.DemandMaster,
        ConvoyRedisReadFrom.PreferReplica => CommandFlags.PreferReplica,
        ConvoyRedisReadFrom.Replica => CommandFlags.DemandReplica,
        _ => CommandFlags.None,
    };

    /// <summary>The flags of a command that only reads.</summary>
    /// <param name="flags">The caller's flags.</param>
    /// <exception cref="RedisConnectionException">It demands a replica, and there is none.</exception>
    public CommandFlags Read(CommandFlags flags) => Checked(WithDefault(flags, _default));

    /// <summary>
    /// The flags of any other command: to the master, unless the caller says otherwise. StackExchange.Redis would send XADD, EVAL, GEOADD and others
    /// to a replica while the master is not connected, where they fail.
    /// </summary>
    /// <param name="flags">The caller's flags.</param>
    /// <exception cref="RedisConnectionException">It demands a replica, and there is none.</exception>
    public CommandFlags Other(CommandFlags flags) => Checked(WithDefault(flags, CommandFlags.DemandMaster));

    private static CommandFlags WithDefault(CommandFlags flags, CommandFlags preference) => (flags & Preference) == 0 ? flags | preference : flags;

    private CommandFlags Checked(CommandFlags flags) => (flags & Preference) != CommandFlags.DemandReplica || hasReplica()
        ? flags
        : throw new RedisConnectionException(
            ConnectionFailureType.UnableToResolvePhysicalConnection,
            flags,
            "No replica is in step with the master, and the command demands one (CommandFlags.DemandReplica, or read_from replica). "
            + "With PreferReplica, or read_from prefer_replica, the master would have answered.",
            commandStatus: CommandStatus.WaitingToBeSent);
}
