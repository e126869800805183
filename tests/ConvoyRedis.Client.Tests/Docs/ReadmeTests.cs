using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The README's tables say of each setting what the code does.</summary>
public sealed class ReadmeTests
{
    private static readonly string[] Rows =
        [.. File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Docs", "README.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

    public static TheoryData<string> Keys =>
        [.. Settings.All.Select(setting => setting.Key), .. Settings.All.Select(setting => setting.FileKey).OfType<string>()];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Settings_EachKey_HasARow(string key) =>
        Assert.Single(Rows, row => row.Split('|')[1].Contains($"`{key}`", StringComparison.Ordinal));

    [Fact]
    public void Settings_VariablesThatAreNotTheirKey_AreNamed() =>
        Assert.All(Settings.All.Where(setting => setting.Variable != Settings.VariablePrefix + setting.Key.ToUpperInvariant()),
            setting => Assert.Contains(Rows, row => row.StartsWith($"| `{setting.Key}` (`{setting.Variable}`)", StringComparison.Ordinal)));

    [Fact]
    public void Settings_Durations_HaveTheDefaultsOfTheCode()
    {
        var target = new ConvoyRedisOptions().Resolve();

        foreach (var (key, value) in new[]
        {
            ("command_timeout", target.CommandTimeout), ("connect_timeout", target.ConnectTimeout), ("hold_deadline", target.HoldDeadline),
        })
        {
            Assert.Contains(Rows, row => row.StartsWith($"| `{key}`", StringComparison.Ordinal)
                && row.Split('|')[3].Contains($"`{GoText.Write(value)}`", StringComparison.Ordinal));
        }
    }
}
