using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client;

/// <summary>
/// Every setting, declared once. The other parts of this class declare them by subject, each beside its properties of the options and of the
/// target: a new setting is a change of one of these files. Convoy's own settings are named as its <c>config.RedisConfiguration</c> and its
/// command line name them.
/// </summary>
/// <remarks>Properties and no fields, here and in the other tables of rules: mutation testing changes them within a process that has run already.</remarks>
internal static partial class Settings
{
    /// <summary>What the environment variables begin with.</summary>
    public const string VariablePrefix = "CONVOY_REDIS_";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Setting> All => [.. OfServers, .. OfLogin, .. OfTls, .. OfCommands, .. OfReplicas];
}
