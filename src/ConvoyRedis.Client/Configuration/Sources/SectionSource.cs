using Microsoft.Extensions.Configuration;

namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads a configuration section whose keys are those of convoy.json.</summary>
internal static class SectionSource
{
    /// <summary>How convoy.json writes keys: <c>master_name</c>, in any case.</summary>
    public static string ConvoyKey(string key) => key.ToUpperInvariant();

    /// <summary>How .NET writes keys as well: <c>MasterName</c> is <c>master_name</c>.</summary>
    public static string DotNetKey(string key) => key.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <param name="values">Where the settings go.</param>
    /// <param name="section">The section.</param>
    /// <param name="source">Says where a key was written.</param>
    /// <param name="normalize">Makes the spellings of a key equal.</param>
    public static void Read(SettingValues values, IConfiguration section, Func<string, string> source, Func<string, string> normalize)
    {
        var files = new Dictionary<Setting, (string Path, string Source)>();
        var plain = new HashSet<Setting>();
        foreach (var child in section.GetChildren())
        {
            var key = normalize(child.Key);
            if (Settings.All.FirstOrDefault(setting => normalize(setting.Key) == key) is { } setting)
                ReadValue(values, setting, child, source(child.Key), plain);
            else if (Settings.All.FirstOrDefault(setting => setting.FileKey is { } fileKey && normalize(fileKey) == key) is { } secret)
                files[secret] = (child.Value ?? "", source(child.Key));
            else
                values.AddWarning($"{source(child.Key)} is not a setting{Closest.Hint(child.Key, Settings.All.Select(other => other.Key))}");
        }

        foreach (var (setting, file) in files)
        {
            if (plain.Contains(setting) && file.Path.Length > 0)
                values.AddProblem(setting, $"{file.Source}: {setting.Key} is set as well; set only one of the two.");
            else
                values.WriteFromFile(setting, file.Path, file.Source);
        }
    }

    private static void ReadValue(SettingValues values, Setting setting, IConfigurationSection child, string source, HashSet<Setting> plain)
    {
        var items = child.GetChildren().ToList();
        if (items.Count > 0)
        {
            if (setting == Settings.Addresses && items.TrueForAll(item => item.Value is not null))
                values.Write(setting, string.Join(',', items.Select(item => item.Value)), source);
            else
                values.AddProblem(setting, $"{source} must be a single value.");
        }
        else if (child.Value is { } text)
        {
            if (text.Length > 0)
                plain.Add(setting);
            values.Write(setting, text, source);
        }
    }
}
