using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The README's tables say of each setting what the code does.</summary>
public sealed class ReadmeTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Docs", "README.md"));
    private static readonly string[] Rows = [.. Lines.Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

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

    [Theory]
    [InlineData("failover.md")]
    [InlineData("connect.md")]
    [InlineData("steady.md")]
    public void Figures_EachTable_IsTheFirstOneOfTheResults(string name)
    {
        var measured = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Docs", "Results", name));

        Assert.Equal(FirstTable(measured), FirstTable([.. Lines.SkipWhile(line => line != $"<!-- {name} -->").TakeWhile(line => line != "<!-- end -->")]));
    }

    private static List<string> FirstTable(string[] lines)
    {
        List<string> table = [.. lines.SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|'))];
        Assert.NotEmpty(table);
        return table;
    }
}
