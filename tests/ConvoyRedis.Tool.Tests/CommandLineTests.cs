using System.Diagnostics;
using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests;

/// <summary>What every command has in common: help, exit codes, colours.</summary>
public sealed partial class CommandLineTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("config")]
    [InlineData("check")]
    [InlineData("watch")]
    [InlineData("drill")]
    [InlineData("completion")]
    public async Task Help_OfEachCommand_HasExamplesThatAreUnderstoodWithin80Columns(string command)
    {
        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(Nothing, Path.GetTempPath(), [.. Words(command), "--help"]);

        Assert.Equal((0, ""), (exitCode, error));
        var section = output[output.IndexOf("\nExamples:", StringComparison.Ordinal)..output.IndexOf("\nExit codes:", StringComparison.Ordinal)];
        var examples = Example().Matches(section).Select(match => match.Groups[1].Value).ToList();
        Assert.InRange(examples.Count, 3, 6);
        Assert.All(output.Split('\n'), line => Assert.True(line.Length <= 80, line));

        // Every option of an example is one of the command's.
        Assert.All(examples, example => Assert.Contains($"convoy-redis {command}", example, StringComparison.Ordinal));
        Assert.All(
            examples.Where(_ => command.Length > 0).SelectMany(example => OptionName().Matches(example)),
            option => Assert.Matches($@"(?m)^  .*{option.Value}\b", output[..output.IndexOf("\nExamples:", StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task ExitCodes_OfTheHelp_AreTheTableOfTheDocumentation()
    {
        var (_, output, _) = await ConvoyRedisTool.RunAsync(Nothing, Path.GetTempPath(), "--help");
        var page = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "operations.md"), Token);

        var shown = ExitCode().Matches(output[output.IndexOf("\nExit codes:", StringComparison.Ordinal)..])
            .Select(match => $"{match.Groups[1].Value} {Blanks().Replace(match.Groups[2].Value.Trim(), " ")}").ToList();
        var documented = Row().Matches(page).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value.Trim()}").ToList();

        Assert.Equal(["0", "1", "2", "3", "130"], shown.Select(line => line.Split(' ')[0]));
        Assert.Equal(documented, shown);
    }

    [Theory]
    [InlineData(0, "config")]
    [InlineData(1, "check", "--timeout", "30s", "--max-clients", "0")]
    [InlineData(2, "check", "--redis-port", "1")]
    [InlineData(2, "drill", "--redis-scheme", "redis-sentinel", "--redis-port", "1", "--redis-sentinel-master-name", "x")]
    [InlineData(3, "check", "--redis-port", "x")]
    [InlineData(3, "check", "--nothing")]
    [InlineData(3, "check", "--json", "--format", "text")]
    [InlineData(3, "check", "--watch", "soon")]
    [InlineData(3, "check", "--redis-port", "1", "--output", "/proc/nothing")]
    [InlineData(3, "chekc")]
    [InlineData(3)]
    public async Task ExitCode_OfEachOutcome_IsTheDocumentedOne(int expected, params string[] arguments)
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);

        var (exitCode, output, error) = await ConvoyRedisTool.RunAsync(redis.EnvironmentVariables, Path.GetTempPath(), arguments);

        Assert.True(exitCode == expected, $"{exitCode}: {output}{error}");
        Assert.Equal(expected is 3 || arguments[0] == "drill", error.Length > 0);
    }

    [Fact]
    public async Task ExitCode_InterruptedBeforeAResult_Is130()
    {
        await using var silent = ScriptedPeer.Start(_ => null);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "convoy-redis.dll"), "check", "--timeout", "2m"]);
        start.Environment["CONVOY_REDIS_HOST"] = $"{silent.Endpoint}";
        using var process = Process.Start(start)!;

        try
        {
            await Eventually.TrueAsync(() => silent.Commands.Any(), Token);
            await InterruptAsync(process);

            Assert.Equal(130, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }

    // Spectre.Console turns colours off for an empty variable too, which no-color.org does not ask for.
    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("1", false)]
    public async Task Colours_InATerminal_AreThereUnlessNoColorIsSet(string? value, bool areThere)
    {
        Dictionary<string, string> variables = value is null ? [] : new() { ["NO_COLOR"] = value };

        var check = await TerminalScreen.RunRawAsync(variables, "check --redis-port 1", Token);
        var wrong = await TerminalScreen.RunRawAsync(variables, "check --nothing", Token);

        Assert.Contains("Connection refused", check, StringComparison.Ordinal);
        Assert.Contains("--nothing", wrong, StringComparison.Ordinal);
        Assert.Equal((areThere, areThere), (Colour().IsMatch(check), Colour().IsMatch(wrong)));
    }

    /// <summary>Ctrl+C, and the end.</summary>
    internal static async Task InterruptAsync(Process process)
    {
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            await kill.WaitForExitAsync(Token);
        await process.WaitForExitAsync(Token);
    }

    private static string[] Words(string command) => command.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^  (\S.*)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"(?<=convoy-redis [^|]*)--[a-z-]+")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"^  (\d+) +(.*(?:\n {7}.*)*)$", RegexOptions.Multiline)]
    private static partial Regex ExitCode();

    [GeneratedRegex(@"^\| (\d+) \| (.*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\x1b\[(?:[0-9]+;)*(?:3[0-8]|9[0-7])[;0-9]*m")]
    private static partial Regex Colour();
}
