namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// The settings as they were written, layer over layer, and what was wrong on the way. A layer that writes a setting takes away the value
/// of the layers below, and with it whatever was wrong there.
/// </summary>
internal sealed class SettingValues
{
    private readonly Dictionary<Setting, SettingValue> _values = [];
    private readonly Dictionary<Setting, string> _settingProblems = [];
    private readonly Dictionary<Setting, string> _settingWarnings = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];

    /// <summary>What is wrong with the sources: all that can be said before any value is understood.</summary>
    public IEnumerable<string> Problems => _problems.Concat(_settingProblems.Values);

    /// <summary>The warnings.</summary>
    public IEnumerable<string> Warnings => _warnings.Concat(_settingWarnings.Values);

    /// <summary>What was written for a setting; null when nothing was.</summary>
    public SettingValue? this[Setting setting] => _values.GetValueOrDefault(setting);

    /// <summary>Sets a value; for a setting that is not text, an empty value means not set.</summary>
    public void Write(Setting setting, string text, string source)
    {
        if (text.Length == 0 && !setting.IsText)
            return;
        var cleared = text.Length == 0 && setting.IsSecret && _values.TryGetValue(setting, out var below) && below.Text.Length > 0
            ? $"{source} is empty and clears the value of {below.Source}."
            : null;
        Clear(setting);
        _values[setting] = new SettingValue(text, source);
        if (cleared is not null)
            _settingWarnings[setting] = cleared;
    }

    /// <summary>Reads the setting from a file; exactly one newline at its end is dropped, as editors add one.</summary>
    public void WriteFromFile(Setting setting, string path, string source)
    {
        if (path.Length == 0)
            return;
        Clear(setting);
        try
        {
            var text = File.ReadAllText(path);
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            _values[setting] = new SettingValue(text, $"{source} '{path}'");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            _settingProblems[setting] = $"{source}: the file {Redaction.Quote(path)} cannot be read: {Reason(exception)}.";
        }
    }

    /// <summary>Takes a setting back, as if no layer had written it.</summary>
    public void Clear(Setting setting)
    {
        _values.Remove(setting);
        _settingProblems.Remove(setting);
        _settingWarnings.Remove(setting);
    }

    /// <summary>Notes what is wrong with how a setting is written.</summary>
    public void AddProblem(Setting setting, string problem)
    {
        Clear(setting);
        _settingProblems[setting] = problem;
    }

    /// <summary>Notes what is wrong with a source.</summary>
    public void AddProblem(string problem) => _problems.Add(problem);

    /// <summary>Adds a warning.</summary>
    public void AddWarning(string warning) => _warnings.Add(warning);

    private static string Reason(Exception exception) => exception switch
    {
        FileNotFoundException or DirectoryNotFoundException => "it does not exist",
        UnauthorizedAccessException => "access is denied",
        _ => exception.GetType().Name,
    };
}
