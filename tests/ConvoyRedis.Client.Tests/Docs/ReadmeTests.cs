using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The README's tables say of each setting what the code does.</summary>
public sealed class ReadmeTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Docs", "README.md"));
    private static readonly string[] Rows = [.. Lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

    public static TheoryData<string> Keys => [.. Settings.All.Select(setting => setting.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Settings_EachKey_HasTheRowThatItsDeclarationGives(string key)
    {
        var setting = Settings.All.Single(setting => setting.Key == key);
        var variable = setting.Variable == Settings.VariablePrefix + setting.Key.ToUpperInvariant() ? "" : $" (`{setting.Variable}`)";

        Assert.Equal(
            $"| `{key}`{variable} | {setting.Doc} | {setting.DefaultDoc} | {OnChange(setting.Change)} |",
            Assert.Single(Rows, row => row.Split('|')[1].Contains($"`{key}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Settings_FilesOfSecrets_HaveARow() =>
        Assert.All(Settings.All.Select(setting => setting.FileKey).OfType<string>(),
            key => Assert.Single(Rows, row => row.Split('|')[1].Contains($"`{key}`", StringComparison.Ordinal)));

    private static string OnChange(ChangeEffect effect) => effect switch
    {
        ChangeEffect.Credentials => "login",
        ChangeEffect.Switch => "switch",
        ChangeEffect.Restart => "restart",
        _ => "nothing",
    };
}
