using ConvoyRedis.Client;

namespace ConvoyRedis.Tool.Check;

/// <summary>What a node's setting should be (CONFIG GET).</summary>
/// <param name="Name">The setting.</param>
/// <param name="Healthy">What it should be, in words.</param>
/// <param name="IsHealthy">Whether it is.</param>
/// <param name="Action">What to do when it is not, and why.</param>
/// <param name="Otherwise">How bad that is.</param>
internal sealed record SettingRule(string Name, string Healthy, Func<string, bool> IsHealthy, string Action, CheckStatus Otherwise = CheckStatus.Warning)
{
    /// <summary>Redis's directory; asked for the disk's sake.</summary>
    public const string Directory = "dir";

    /// <summary>What a replica logs in with; its value is never shown.</summary>
    public const string MasterAuth = "masterauth";

    /// <summary>How long a node of a cluster may be silent before it is marked as failing, in milliseconds.</summary>
    public const string NodeTimeout = "cluster-node-timeout";

    /// <summary>Whether a cluster refuses every key while one slot has no master.</summary>
    public const string FullCoverage = "cluster-require-full-coverage";

    private const string MasterUser = "masteruser";

    /// <summary>What the guide recommends ("Configure the Primary Node"), as far as CONFIG GET shows it.</summary>
    private static readonly SettingRule[] All =
    [
        new("appendonly", "yes", value => value == "yes", "Set it to yes: otherwise a crash loses all writes since the last snapshot."),
        new("appendfsync", "everysec", value => value is "everysec" or "always",
            "Set it to everysec: a crash then loses about one second of writes; with 'no', the kernel decides."),
        new("save", "snapshots", value => value.Length > 0, "Set snapshots, for example 'save 900 1 300 10 60 10000'."),
        new("stop-writes-on-bgsave-error", "yes", value => value == "yes",
            "Set it to yes: otherwise Redis accepts writes after a failed snapshot, and they can be lost unnoticed."),
        new("maxmemory", "set", value => value != "0",
            "Set it to about 75 % of the machine's RAM: without it, the kernel kills Redis when the machine runs out of memory."),
        new("maxmemory-policy", "noeviction", value => value == "noeviction",
            "Set it to noeviction: any other policy deletes keys when memory is full, including queued jobs.", CheckStatus.Failure),
        new("timeout", "0, or 60 s or more", value => value == "0" || Number(value) >= 60,
            "Raise it (guide: 300): otherwise Redis closes idle connections before the client's next keep-alive."),
        new("tcp-keepalive", "1 to 300 s", value => Number(value) is >= 1 and <= 300, "Set it to 60: otherwise Redis keeps dead connections."),
    ];

    /// <summary>Every setting that is asked for.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(rule => rule.Name), Directory, MasterAuth, MasterUser, NodeTimeout, FullCoverage];

    /// <summary>The rows of a node.</summary>
    public static IEnumerable<CheckRow> Rows(CheckSubject subject, ConvoyRedisTarget target, IReadOnlyDictionary<string, string> settings)
    {
        foreach (var rule in All)
        {
            yield return settings.TryGetValue(rule.Name, out var value)
                ? subject.Judge(rule.Name, rule.IsHealthy(value), Shown(rule.Name, value), rule.Healthy, rule.Action, rule.Otherwise)
                : subject.NotVisible(rule.Name, rule.Healthy);
        }

        if (target.Topology != ConvoyRedisTopology.Standalone && target.Password is not null)
            yield return MasterAuthentication(subject, target, settings);
    }

    // Every node may become a replica: the present master too.
    private static CheckRow MasterAuthentication(CheckSubject subject, ConvoyRedisTarget target, IReadOnlyDictionary<string, string> settings)
    {
        const string healthy = "set";
        if (!settings.TryGetValue(MasterAuth, out var password))
            return subject.NotVisible(MasterAuth, healthy);
        var isOther = password.Length > 0 && target.Username is null && settings.GetValueOrDefault(MasterUser) is null or "" && password != target.Password;
        return subject.Judge(MasterAuth, password.Length > 0 && !isOther, password.Length == 0 ? "not set" : isOther ? "differs" : "set", healthy,
            "Set it to the password of the nodes, on every node: a node without it cannot replicate from the next master.");
    }

    private static string Shown(string name, string value) => name switch
    {
        "maxmemory" when value != "0" => Size.Text(Number(value)),
        "save" when value.Length == 0 => "none",
        _ => value,
    };

    private static double Number(string value) => double.TryParse(value, out var number) ? number : -1;
}
