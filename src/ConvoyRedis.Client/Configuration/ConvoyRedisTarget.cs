using System.Diagnostics;
using ConvoyRedis.Client.Configuration;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>The validated settings, created by <c>ConvoyRedisOptions.Resolve()</c>. Immutable.</summary>
[DebuggerDisplay("{ToString(),nq}")]
// The properties are beside the declarations of the settings, in Settings.*.cs.
public sealed partial class ConvoyRedisTarget
{
    // By key. Passwords are among them.
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly Dictionary<string, object?> _values;

    /// <param name="values">What each setting means, by its key.</param>
    internal ConvoyRedisTarget(IEnumerable<KeyValuePair<string, object?>> values) => _values = new Dictionary<string, object?>(values);

    /// <summary>Warnings, for example about an unknown variable; they are logged when connecting.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The source of each setting that was set: the name that was used, and where. The keys are those of convoy.json.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>The caller's own options of the multiplexer; null for none.</summary>
    internal Action<ConfigurationOptions>? ConfigureMultiplexer { get; init; }

    /// <summary>What a setting means.</summary>
    internal object? this[Setting setting] => _values[setting.Key];

    /// <summary>The same with some settings as in another target.</summary>
    internal ConvoyRedisTarget With(IEnumerable<Setting> settings, ConvoyRedisTarget other) =>
        With([.. settings.Select(setting => (setting, other[setting]))]);

    /// <summary>The same with another login on the data nodes.</summary>
    internal ConvoyRedisTarget WithLogin(string? username, string? password) => With((Settings.Username, username), (Settings.Password, password));

    /// <summary>The same as a cluster: for a single address that belongs to a cluster node.</summary>
    internal ConvoyRedisTarget AsCluster() => With((Settings.Scheme, ConvoyRedisTopology.Cluster));

    /// <summary>The topology and its addresses; never a secret.</summary>
    public override string ToString() =>
        $"{Topology}{(Tls ? " over TLS" : "")} {string.Join(',', Endpoints)}{(MasterName is null ? "" : $" master {MasterName}")}";

    private ConvoyRedisTarget With(params (Setting Setting, object? Value)[] changes)
    {
        var other = new ConvoyRedisTarget(_values) { Warnings = Warnings, Sources = Sources, ConfigureMultiplexer = ConfigureMultiplexer };
        foreach (var (setting, value) in changes)
            other._values[setting.Key] = value;
        return other;
    }

    private T Of<T>(Setting<T> setting) => (T)this[setting]!;

    private void Init<T>(Setting<T> setting, T value) => _values[setting.Key] = value;
}
