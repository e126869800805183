using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Configuration;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>docs/managed.md gives settings that are understood, and every test that it names is there.</summary>
public sealed partial class ManagedTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "managed.md"));

    public static TheoryData<string> Providers => [.. Sections().Select(section => section.Name)];

    [Fact]
    public void Providers_OfTheGuide_AreAllThere() => Assert.Equal(9, Providers.Count);

    [Theory]
    [MemberData(nameof(Providers))]
    public void Settings_OfAProvider_AreRightAndMeanWhatThePageSays(string provider)
    {
        var (_, text) = Sections().Single(section => section.Name == provider);
        var variables = Export().Matches(text).ToDictionary(match => match.Groups[1].Value, match => (string?)match.Groups[2].Value);

        var target = Loading.Load(variables: variables).Resolve();

        Assert.Equal(Topology().Match(text).Groups[1].Value, target.Topology.ToString());
        Assert.Equal(target.Topology == ConvoyRedisTopology.Standalone, target.Tls);
        Assert.NotNull(target.Password);
        Assert.Empty(target.Warnings);
    }

    // The commands of RefusedCommandsTests, which connects to servers that refuse each and all of them.
    [Fact]
    public void RefusedCommands_TheTable_NamesThoseThatAreTested()
    {
        var test = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "RefusedCommandsTests.cs"));
        var tested = Quoted().Matches(TestedCommands().Match(test).Value).Select(match => match.Groups[1].Value).Append("PING");
        var rows = Page.Split("\n| command | what for |")[1].Split("\n\n")[0].TrimEnd().Split('\n').Skip(2).Select(row => row.Split('|')[1].Trim());

        Assert.Equal(tested.Order(StringComparer.Ordinal), rows.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Name, string Text)> Sections() =>
        Page.Split("\n## ").Skip(1).Where(section => Topology().IsMatch(section)).Select(section => (section.Split('\n')[0], section));

    [GeneratedRegex(@"Commands = \[[^\]]*\]")]
    private static partial Regex TestedCommands();

    [GeneratedRegex("\"([A-Z]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^export (\w+)=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Export();

    [GeneratedRegex(@"^<!-- (\w+) -->$", RegexOptions.Multiline)]
    private static partial Regex Topology();
}
