namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads the <c>CONVOY_REDIS_*</c> variables.</summary>
internal static class EnvironmentSource
{
    private const string QueueProvider = "CONVOY_QUEUE_PROVIDER";

    public static void Read(SettingValues values, IReadOnlyDictionary<string, string?> variables)
    {
        foreach (var setting in Settings.All)
        {
            if (Text(variables, setting.Variable) is { } text)
                values.Write(setting, text, Source(setting.Variable));
            if (setting.VariableAlias is { } alias && Text(variables, alias)?.Trim() is { Length: > 0 } aliased)
                ReadAlias(values, setting, alias, aliased);
            if (setting.FileVariable is { } fileVariable && Text(variables, fileVariable) is { Length: > 0 } path)
                ReadFile(values, setting, fileVariable, path, variables);
        }

        if (Text(variables, QueueProvider) is { } provider)
            values.WriteQueueProvider(provider, Source(QueueProvider));
        WarnOfUnknown(values, variables);
    }

    /// <summary>The variables of this process.</summary>
    public static IReadOnlyDictionary<string, string?> OfProcess() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);

    // Convoy reads the other one only.
    private static void ReadAlias(SettingValues values, Setting setting, string alias, string aliased)
    {
        var written = values[setting] is { Text.Length: > 0 } value && value.Text != aliased ? value : null;
        if (written?.Source == Source(setting.Variable))
        {
            values.AddWarning($"{Source(alias)} has no effect: it differs from {setting.Variable}, which is used.");
            return;
        }

        values.Write(setting, aliased, Source(alias));
        if (written is not null)
            values.AddWarning($"{Source(alias)} replaces {written.Source}. Convoy reads only {setting.Variable}.");
    }

    private static void ReadFile(
        SettingValues values, Setting setting, string fileVariable, string path, IReadOnlyDictionary<string, string?> variables)
    {
        if (Text(variables, setting.Variable) is { Length: > 0 })
            values.AddProblem(setting, $"{Source(fileVariable)}: {setting.Variable} is set as well; set only one of the two.");
        else
            values.WriteFromFile(setting, path, Source(fileVariable));
    }

    private static void WarnOfUnknown(SettingValues values, IReadOnlyDictionary<string, string?> variables)
    {
        var known = Settings.All.SelectMany(setting => new[] { setting.Variable, setting.VariableAlias, setting.FileVariable })
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in variables.OrderBy(variable => variable.Key, StringComparer.Ordinal))
        {
            if (!name.StartsWith(Settings.VariablePrefix, StringComparison.Ordinal) || known.Contains(name) || ServiceLinks.Contains(name, value))
                continue;
            if (!UnreadNames.Contains(name, out var instead))
                values.AddWarning($"{Source(name)} is not a setting{Closest.Hint(name, known, Settings.VariablePrefix)}");
            else if (instead is not null && value is { Length: > 0 })
                values.AddWarning($"{Source(name)} is not read, neither here nor by Convoy: {instead}.");
        }
    }

    private static string? Text(IReadOnlyDictionary<string, string?> variables, string name) => variables.GetValueOrDefault(name);

    private static string Source(string variable) => $"{variable} (environment)";
}
