namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads the <c>CONVOY_REDIS_*</c> variables.</summary>
internal static class EnvironmentSource
{
    // Kubernetes injects these into every pod beside a Service named convoy-redis ("service links").
    private static string[] KubernetesPrefixes => [Settings.VariablePrefix + "SERVICE_", Settings.VariablePrefix + "PORT_"];

    public static void Read(SettingValues values, IReadOnlyDictionary<string, string?> variables)
    {
        foreach (var setting in Settings.All)
        {
            ReadAlias(values, setting, variables);
            if (Text(variables, setting.Variable) is { } text)
                values.Write(setting, text, Source(setting.Variable));
            if (setting.FileVariable is { } fileVariable && Text(variables, fileVariable) is { Length: > 0 } path)
                ReadFile(values, setting, fileVariable, path, variables);
        }

        WarnOfUnknown(values, variables.Keys);
    }

    /// <summary>The variables of this process.</summary>
    public static IReadOnlyDictionary<string, string?> OfProcess() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value);

    private static void ReadAlias(SettingValues values, Setting setting, IReadOnlyDictionary<string, string?> variables)
    {
        if (setting.VariableAlias is not { } alias || Text(variables, alias) is not { } aliased)
            return;
        if (Text(variables, setting.Variable) is { } text && text != aliased)
            values.AddProblem($"{Source(alias)} and {setting.Variable} are the same setting but differ; remove one of them.");
        else
            values.Write(setting, aliased, Source(alias));
    }

    private static void ReadFile(
        SettingValues values, Setting setting, string fileVariable, string path, IReadOnlyDictionary<string, string?> variables)
    {
        if (Text(variables, setting.Variable) is { Length: > 0 })
            values.AddProblem(setting, $"{Source(fileVariable)}: {setting.Variable} is set as well; set only one of the two.");
        else
            values.WriteFromFile(setting, path, Source(fileVariable));
    }

    private static void WarnOfUnknown(SettingValues values, IEnumerable<string> names)
    {
        var known = Settings.All.SelectMany(setting => new[] { setting.Variable, setting.VariableAlias, setting.FileVariable })
            .OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            var isOurs = name.StartsWith(Settings.VariablePrefix, StringComparison.Ordinal)
                && !KubernetesPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));
            if (isOurs && !known.Contains(name))
                values.AddWarning($"{Source(name)} is not a setting{Closest.Hint(name, known, Settings.VariablePrefix)}");
        }
    }

    private static string? Text(IReadOnlyDictionary<string, string?> variables, string name) => variables.GetValueOrDefault(name);

    private static string Source(string variable) => $"{variable} (environment)";
}
