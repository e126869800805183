using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Tests.Architecture;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The tables of docs/configuration.md are those that the settings' declarations give; with UPDATE_DOCS=1, they are written into the page.</summary>
public sealed class ConfigurationTests
{
    private const string End = "<!-- end -->";
    private const string MeaningHead = "| key | meaning | default | on change |\n| --- | --- | --- | --- |\n";
    private const string NamesHead = "| key | variable | flag | example |\n| --- | --- | --- | --- |\n";
    private const string FileExample = "/run/secrets/redis";

    private static readonly string Path = System.IO.Path.Combine(SourceTree.Root, "docs", "configuration.md");

    [Fact]
    public void Tables_OfTheSettings_AreThoseOfTheDeclarations()
    {
        var page = File.ReadAllText(Path);
        var written = Written(Written(Written(page, "Convoy's", Meanings(isConvoys: true)), "its own", Meanings(isConvoys: false)), "names", Names());

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(Path, written);
        else
            Assert.Equal(written, page);
    }

    private static string Written(string page, string table, string text)
    {
        var marker = $"<!-- settings: {table} -->\n";
        var start = page.IndexOf(marker, StringComparison.Ordinal) + marker.Length;
        Assert.True(start >= marker.Length, $"There is no place for the table '{table}'.");
        return page[..start] + text + page[page.IndexOf(End, start, StringComparison.Ordinal)..];
    }

    private static string Meanings(bool isConvoys) => MeaningHead + string.Concat(
        from setting in Settings.All
        where setting.IsConvoys == isConvoys
        select $"| `{setting.Key}` | {setting.Doc} | {setting.DefaultDoc} | {OnChange(setting.Change)} |\n");

    private static string Names() => NamesHead + string.Concat(Settings.All.SelectMany(Rows));

    private static IEnumerable<string> Rows(Setting setting)
    {
        yield return Row(setting.Key, setting.Variable, setting.Flag, setting.Example);
        if (setting is { FileKey: { } key, FileVariable: { } variable })
            yield return Row(key, variable, null, $"{FileExample}-{setting.Key.Replace('_', '-')}");
    }

    private static string Row(string key, string variable, string? flag, string example) =>
        $"| `{key}` | `{variable}` | {(flag is null ? "" : $"`{flag}`")} | `{example}` |\n";

    private static string OnChange(ChangeEffect effect) => effect switch
    {
        ChangeEffect.Credentials => "login",
        ChangeEffect.Switch => "switch",
        ChangeEffect.Restart => "restart",
        _ => "nothing",
    };
}
