namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// The settings as they were written, layer over layer, and what was wrong on the way. A layer that writes a setting takes away the value
/// of the layers below, and with it whatever was wrong there.
/// </summary>
internal sealed class SettingValues
{
    private readonly Dictionary<Setting, SettingValue> _values = [];
    private readonly HashSet<Setting> _setByCode = [];
    private readonly Dictionary<Setting, string> _settingProblems = [];
    private readonly Dictionary<Setting, string> _settingWarnings = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];
    private SettingValue? _queueProvider;

    /// <summary>What is wrong with the sources: all that can be said before any value is understood.</summary>
    public IEnumerable<string> Problems => _problems.Concat(_settingProblems.Values);

    /// <summary>The warnings.</summary>
    public IEnumerable<string> Warnings => _warnings.Concat(_settingWarnings.Values).Concat(OfQueueProvider());

    /// <summary>The settings that code set, or took back.</summary>
    public IReadOnlySet<Setting> SetByCode => _setByCode;

    /// <summary>What was written for a setting; null when nothing was.</summary>
    public SettingValue? this[Setting setting] => _values.GetValueOrDefault(setting);

    /// <summary>Sets a value; an empty one clears the value of the layers below, or means not set, by the setting's declaration.</summary>
    public void Write(Setting setting, string text, string source)
    {
        if (setting.IsTrimmed)
            text = text.Trim();
        if (text.Length == 0 && !setting.EmptyClears)
            return;
        var cleared = text.Length == 0 && _values.TryGetValue(setting, out var below) && IsMissed(setting, below.Text)
            ? $"{source} is empty and clears the value of {below.Source}."
            : null;
        Clear(setting);
        _values[setting] = new SettingValue(text, source);
        if (cleared is not null)
            _settingWarnings[setting] = cleared;
    }

    /// <summary>Sets a value by code; null takes the setting back, as if no layer had written it.</summary>
    public void WriteByCode(Setting setting, string? text)
    {
        if (setting.IsTrimmed)
            text = text?.Trim();
        if (text is null || (text.Length == 0 && !setting.EmptyClears))
            Clear(setting);
        else
            Write(setting, text, $"{setting.Property} (code)");
        _setByCode.Add(setting);
    }

    /// <summary>Reads the setting from a file.</summary>
    public void WriteFromFile(Setting setting, string path, string source)
    {
        if (path.Length == 0)
            return;
        Clear(setting);
        if (ValueFile.Read(path, out var problem) is not { } text)
            _settingProblems[setting] = $"{source}: the file {Redaction.Quote(path)} {problem}.";
        else if (text.Length == 0 && setting.IsSecret)
            _settingProblems[setting] = $"{source}: the file {Redaction.Quote(path)} is empty.";
        else
            _values[setting] = new SettingValue(text, $"{source} '{path}'");
    }

    /// <summary>Notes where Convoy keeps its queue.</summary>
    public void WriteQueueProvider(string text, string source) => _queueProvider = new SettingValue(text, source);

    /// <summary>Notes what is wrong with how a setting is written.</summary>
    public void AddProblem(Setting? setting, string problem)
    {
        if (setting is null)
        {
            AddProblem(problem);
            return;
        }

        Clear(setting);
        _settingProblems[setting] = problem;
    }

    /// <summary>Notes what is wrong with a source.</summary>
    public void AddProblem(string problem) => _problems.Add(problem);

    /// <summary>Adds a warning.</summary>
    public void AddWarning(string warning) => _warnings.Add(warning);

    private IEnumerable<string> OfQueueProvider() => _queueProvider is { Text: "postgres" } provider
        ? [$"{provider.Source} is postgres: Convoy keeps its queue, cache and locks in Postgres, and does not use this Redis."]
        : [];

    private void Clear(Setting setting)
    {
        _values.Remove(setting);
        _setByCode.Remove(setting);
        _settingProblems.Remove(setting);
        _settingWarnings.Remove(setting);
    }

    // What secures the connection is not dropped in silence; a URL may hold a password, and demand TLS.
    private static bool IsMissed(Setting setting, string below) =>
        below.Length > 0 && (setting.IsSecret || setting.IsFile || UriText.IsUrl(below));
}
