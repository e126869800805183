using StackExchange.Redis;

namespace ConvoyRedis.Client.Configuration;

/// <summary>Resolves the settings as a whole by their declarations, and collects everything that is wrong with them.</summary>
internal sealed class SettingReader
{
    private readonly List<string> _problems;
    private readonly List<string> _warnings;
    private readonly Dictionary<Setting, SettingValue> _values;
    private readonly Dictionary<string, object?> _meanings = [];
    private readonly bool _isUrlWrong;

    public SettingReader(SettingValues values)
    {
        _problems = [.. values.Problems];
        _warnings = [.. values.Warnings];
        _values = Settings.All.Where(setting => values[setting] is not null).ToDictionary(setting => setting, setting => values[setting]!);
        new AddressPrecedence(_values, values.SetByCode, Wrong, _warnings.Add).Apply();
        _isUrlWrong = _problems.Count > values.Problems.Count();
    }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What has no effect, or probably another one than was meant.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>What the settings mean; null when something is wrong.</summary>
    /// <param name="configure">The caller's own options of the multiplexer; null for none.</param>
    public ConvoyRedisTarget? Resolve(Action<ConfigurationOptions>? configure = null)
    {
        foreach (var setting in Settings.All)
            Read(setting);

        // What a URL that cannot be read says is not known.
        foreach (var setting in Settings.All.Where(_ => !_isUrlWrong))
        {
            if (Value(setting) is { } value && setting.Unused(this) is { } reason)
                _warnings.Add($"{value.Source} has no effect: {reason}.");
        }

        var target = new ConvoyRedisTarget(_meanings)
        {
            Warnings = _warnings,
            Sources = _values.ToDictionary(value => value.Key.Key, value => value.Value.Source),
            ConfigureMultiplexer = configure,
        };
        if (configure is not null)
            CallersOptions.Create(target, Wrong);
        return _problems.Count > 0 ? null : target;
    }

    /// <summary>Problems, and the warnings after them: they often name the cause.</summary>
    public IEnumerable<string> WithWarnings(IEnumerable<string> problems) => [.. problems, .. _warnings.Select(warning => $"Warning: {warning}")];

    /// <summary>The files that settings with an effect name and that do not exist, each as a sentence.</summary>
    public IEnumerable<string> MissingFiles() =>
        from setting in Settings.All
        where setting.IsFile
        let value = Value(setting)
        where value is not null && !File.Exists(value.Text) && setting.Unused(this) is null
        select $"{value.Source}: the file {Redaction.Quote(value.Text)} {(Directory.Exists(value.Text) ? "is a directory" : "does not exist")}.";

    /// <summary>What another setting means.</summary>
    public T Of<T>(Setting<T> setting) => (T)Read(setting)!;

    /// <summary>What was written for a setting, also when that is an empty text, which clears it; null when nothing was.</summary>
    public SettingValue? Written(Setting setting) => _values.GetValueOrDefault(setting);

    /// <summary>What was written for a setting; null when nothing was, or it was cleared.</summary>
    public SettingValue? Value(Setting setting) => Written(setting) is { Text.Length: > 0 } value ? value : null;

    /// <summary>The text that was written.</summary>
    public string? Text(Setting setting) => Value(setting)?.Text;

    /// <summary>The boolean that was written; null when none was.</summary>
    public bool? Boolean(Setting setting)
    {
        if (Value(setting) is not { } value)
            return null;
        var boolean = GoText.Boolean(value.Text);
        if (boolean is null)
            Wrong(value, $"is not a boolean; use {GoText.BooleanForm}.");
        return boolean;
    }

    /// <summary>One of several names, the first of which is the default.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="what">What it is, for the problem if it is another.</param>
    public T OneOf<T>(Setting setting, string what)
        where T : struct, Enum
    {
        if (Value(setting) is not { } value)
            return default;
        if (SettingText.Parse<T>(value.Text) is { } named)
            return named;
        var names = Enum.GetValues<T>().Select(name => SettingText.Write(name)).ToList();
        Wrong(value, $"is not {what}; it must be {string.Join(", ", names.SkipLast(1))} or {names[^1]}.");
        return default;
    }

    /// <summary>The duration that was written, or the default.</summary>
    /// <param name="setting">The setting, which has a default.</param>
    /// <param name="longest">The longest that the default may be; null for any.</param>
    public TimeSpan Duration(Setting setting, TimeSpan? longest = null)
    {
        var otherwise = GoText.Duration(setting.Default!)!.Value;
        if (otherwise > longest)
            otherwise = longest.Value;
        if (Value(setting) is not { } value)
            return otherwise;
        if (GoText.Duration(value.Text) is { } duration && duration.TotalMilliseconds is >= 1 and <= int.MaxValue)
            return duration;
        Wrong(value, $"is not {GoText.DurationForm}, from 1ms to {int.MaxValue}ms.");
        return otherwise;
    }

    /// <summary>Notes what is wrong with what was written.</summary>
    public void Wrong(SettingValue value, string what) => Wrong($"{value.Source}: {Redaction.Quote(value.Text)} {what}");

    /// <summary>Notes what is wrong; once, however often it is found.</summary>
    public void Wrong(string problem)
    {
        if (!_problems.Contains(problem))
            _problems.Add(problem);
    }

    private object? Read(Setting setting)
    {
        if (!_meanings.TryGetValue(setting.Key, out var meaning))
            _meanings[setting.Key] = meaning = setting.Read(this);
        return meaning;
    }
}
