namespace ConvoyRedis.Client.Configuration;

/// <summary>What a change of the settings does to a live connection, by their declarations.</summary>
internal sealed class TargetChange
{
    private const string NodesOfCluster = "the nodes of a cluster, or their TLS";

    private readonly ConvoyRedisTarget _from;
    private readonly ConvoyRedisTarget _to;
    private readonly bool _areFilesNew;
    private readonly IReadOnlyList<Setting> _changed;

    /// <param name="from">The present target of the connection.</param>
    /// <param name="to">The new target.</param>
    /// <param name="areFilesNew">Whether the contents of the TLS files have changed.</param>
    public TargetChange(ConvoyRedisTarget from, ConvoyRedisTarget to, bool areFilesNew = false)
    {
        (_from, _to, _areFilesNew) = (from, to, areFilesNew);
        _changed = Between(from, to);
    }

    /// <summary>Whether all settings mean what they meant.</summary>
    public bool IsNone => _changed.Count == 0 && !_areFilesNew;

    /// <summary>The settings that require a restart.</summary>
    public IReadOnlyList<string> RequiresRestart =>
    [
        .. IsCluster && (_areFilesNew || IsElsewhere) ? [NodesOfCluster] : Array.Empty<string>(),
        .. _changed.Where(setting => setting.Change == ChangeEffect.Restart).Select(setting => setting.Key),
    ];

    /// <summary>
    /// The target after the change. Settings that require a restart are not changed. A login for other servers is not sent to the present ones.
    /// </summary>
    public ConvoyRedisTarget Taken =>
        !IsCluster || !IsElsewhere ? _to.With(Settings.All.Where(Stays), _from)
        : _changed.Contains(Settings.Scheme) || _changed.Contains(Settings.Addresses) ? _from
        : _from.With(Settings.All.Where(setting => setting.Change == ChangeEffect.Credentials), _to);

    /// <summary>The strongest effect that the change has.</summary>
    public ChangeEffect Effect
    {
        get
        {
            if (_areFilesNew && !IsCluster)
                return ChangeEffect.Switch;
            var taken = Between(_from, Taken).Select(setting => setting.Change);
            return taken.Append(RequiresRestart.Count > 0 ? ChangeEffect.Restart : ChangeEffect.None).Max();
        }
    }

    // StackExchange.Redis finds the nodes of a cluster itself: it cannot be switched to others.
    private bool IsCluster => _from.Topology == ConvoyRedisTopology.Cluster || _to.Topology == ConvoyRedisTopology.Cluster;

    private bool IsElsewhere => _changed.Any(setting => setting.Change == ChangeEffect.Switch && !Stays(setting));

    private bool Stays(Setting setting) =>
        setting.Change == ChangeEffect.Restart ? _changed.Contains(setting) : setting.CheckedAgainst is { } other && Stays(other);

    private static IReadOnlyList<Setting> Between(ConvoyRedisTarget one, ConvoyRedisTarget other) =>
        [.. Settings.All.Where(setting => SettingText.Write(one[setting]) != SettingText.Write(other[setting]))];
}
