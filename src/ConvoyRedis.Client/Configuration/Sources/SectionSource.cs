using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads a section whose keys are those of convoy.json.</summary>
internal static class SectionSource
{
    /// <summary>What is said of a section that is a value or a list.</summary>
    public const string WrongShape = "must be a section with settings, for example { \"host\": \"localhost\" }.";

    private const string NotSingle = "must be a single value.";

    /// <summary>How convoy.json writes keys: <c>master_name</c>, in any case.</summary>
    public static string ConvoyKey(string key) => key.ToUpperInvariant();

    /// <summary>Reads a section of a .NET configuration, which may also write <c>MasterName</c> for <c>master_name</c>.</summary>
    public static void Read(SettingValues values, IConfiguration section)
    {
        var path = section is IConfigurationSection { Path: { Length: > 0 } named } ? named : "";
        var entries = section.GetChildren().Select(Entry).ToList();
        if (entries.Count > 0 ? entries.TrueForAll(IsItem) : section is IConfigurationSection { Value: not null })
            values.AddProblem($"{path} (configuration) {WrongShape}");
        else if (entries.Count == 0)
            values.AddWarning($"{(path.Length == 0 ? "The configuration" : $"{path} (configuration)")} has no settings.");
        else
            Read(values, entries, key => $"{(path.Length == 0 ? "" : path + ":")}{key} (configuration)", DotNetKey);
    }

    /// <summary>The setting of a key in convoy.json; null when there is none.</summary>
    public static Setting? Find(string key) => Settings.All.FirstOrDefault(setting => ConvoyKey(setting.Key) == ConvoyKey(key));

    /// <param name="values">Where the settings go.</param>
    /// <param name="entries">What is in the section.</param>
    /// <param name="source">Says where a key was written.</param>
    /// <param name="normalize">Makes the spellings of a key equal.</param>
    public static void Read(SettingValues values, IEnumerable<SectionEntry> entries, Func<string, string> source, Func<string, string> normalize)
    {
        var files = new Dictionary<Setting, (string Path, string Source)>();
        var plain = new HashSet<Setting>();
        var written = new HashSet<string>();
        foreach (var entry in entries)
        {
            var key = normalize(entry.Key);
            if (!written.Add(key))
                values.AddProblem($"{source(entry.Key)} is given twice, in two spellings; remove one of them.");
            if (Settings.All.FirstOrDefault(setting => normalize(setting.Key) == key) is { } setting)
                ReadValue(values, setting, entry, source(entry.Key), plain);
            else if (Settings.All.FirstOrDefault(setting => setting.FileKey is { } fileKey && normalize(fileKey) == key) is { } inFile)
                ReadPath(values, inFile, entry, source(entry.Key), files);
            else if (!UnreadNames.Contains(entry.Key, out var instead))
                values.AddWarning($"{source(entry.Key)} is not a setting{Closest.Hint(entry.Key, Settings.All.Select(other => other.Key))}");
            else if (instead is not null && entry.Text is { Length: > 0 })
                values.AddWarning($"{source(entry.Key)} is not read, neither here nor by Convoy: {instead}.");
        }

        foreach (var (setting, file) in files)
        {
            if (plain.Contains(setting) && file.Path.Length > 0)
                values.AddProblem(setting, $"{file.Source}: {setting.Key} is set as well; set only one of the two.");
            else
                values.WriteFromFile(setting, file.Path, file.Source);
        }
    }

    private static void ReadPath(
        SettingValues values, Setting setting, SectionEntry entry, string source, Dictionary<Setting, (string Path, string Source)> files)
    {
        if (entry.IsObject || entry.Items is not null)
            values.AddProblem(setting, $"{source} {NotSingle}");
        else
            files[setting] = (entry.Text ?? "", source);
    }

    private static void ReadValue(SettingValues values, Setting setting, SectionEntry entry, string source, HashSet<Setting> plain)
    {
        var text = entry.Items is { } items && setting == Settings.Addresses ? string.Join(',', items) : entry.Text;
        if (entry.IsObject || (entry.Items is not null && text is null))
        {
            values.AddProblem(setting, $"{source} {NotSingle}");
        }
        else if (text is not null)
        {
            if (text.Length > 0)
                plain.Add(setting);
            values.Write(setting, text, source);
        }
    }

    private static SectionEntry Entry(IConfigurationSection child)
    {
        var items = child.GetChildren().ToList();
        if (items.Count == 0)
            return new SectionEntry(child.Key, child.Value);
        return items.TrueForAll(item => item.Value is not null)
            ? new SectionEntry(child.Key, null, [.. items.Select(item => item.Value!)])
            : new SectionEntry(child.Key, null, IsObject: true);
    }

    private static bool IsItem(SectionEntry entry) => int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    // MasterName is master_name.
    private static string DotNetKey(string key) => key.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
