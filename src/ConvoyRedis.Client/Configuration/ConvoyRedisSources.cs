namespace ConvoyRedis.Client;

/// <summary>
/// Where settings come from. Flags override the environment, the environment overrides the file, and the file overrides the defaults. Code overrides
/// all of them.
/// </summary>
public sealed class ConvoyRedisSources
{
    /// <summary>The default of <see cref="ConvoyJsonPath"/>.</summary>
    public const string DefaultConvoyJsonPath = "convoy.json";

    /// <summary>The path of Convoy's configuration file, whose <c>redis</c> section is read.</summary>
    /// <value>The default value is <c>convoy.json</c>, in the working directory; null reads no file.</value>
    public string? ConvoyJsonPath { get; init; } = DefaultConvoyJsonPath;

    /// <summary>Whether it is an error when the file is missing.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ConvoyJsonRequired { get; init; }

    /// <summary>
    /// The command-line arguments, from which Convoy's flags (<c>--redis-host</c> and so on) are read; other arguments are ignored. <c>--config</c>
    /// replaces <see cref="ConvoyJsonPath"/>. The arguments of the process are not read automatically.
    /// </summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>The environment variables; null for those of the process.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }
}
