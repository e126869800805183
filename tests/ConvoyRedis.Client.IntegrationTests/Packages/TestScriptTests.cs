using System.Diagnostics;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>
/// What eng/test.sh prints, and how it exits. The script is under test, not the build and not the suite: in place of the dotnet command it calls a
/// function that builds nothing and runs, in place of this assembly, <see cref="FailsOnDemandTests"/> alone, and of the other ones nothing.
/// </summary>
public sealed class TestScriptTests : IDisposable
{
    private const string Failure = "told to fail";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task TestScript_TestFails_PrintsItAndTheClosingLineAndFails()
    {
        var (exitCode, lines, error) = await RunAsync(Failure);

        Assert.Equal("", error);
        Assert.Equal("1 passed, 1 failed, 0 skipped", lines[^1]);
        Assert.NotEqual(0, exitCode);
        AssertPrintsTheFailureThreeTimes(lines);
    }

    [Fact]
    public async Task TestScript_OnlyTestOfTheFilterFails_PrintsItAndTheClosingLineAndFails()
    {
        var (exitCode, lines, error) = await RunAsync(Failure, "--filter-method", $"*.{nameof(FailsOnDemandTests.Test_VariableIsSet_Fails)}");

        Assert.Equal("No test passed.", error.Trim());
        Assert.Equal("0 passed, 1 failed, 0 skipped", lines[^1]);
        Assert.NotEqual(0, exitCode);
        AssertPrintsTheFailureThreeTimes(lines);
    }

    [Fact]
    public async Task TestScript_AllTestsPass_PrintsTheClosingLineAndSucceeds()
    {
        var (exitCode, lines, error) = await RunAsync(null);

        Assert.Equal("", error);
        Assert.Equal("2 passed, 0 failed, 0 skipped", lines[^1]);
        Assert.Equal(0, exitCode);
    }

    // It ends without a word: without a test that failed, for example because it was killed.
    [Theory]
    [InlineData("Client.SequentialTests")]
    [InlineData("Testing.Tests")]
    [InlineData("Client.Tests")]
    [InlineData("Tool.Tests")]
    public async Task TestScript_AnAssemblyFails_Fails(string assembly)
    {
        var (exitCode, lines, _) = await RunAsync(null, assembly, []);

        Assert.Equal("2 passed, 0 failed, 0 skipped", lines[^1]);
        Assert.NotEqual(0, exitCode);
    }

    // When it fails, and behind everything else: with what its servers logged, and without.
    private static void AssertPrintsTheFailureThreeTimes(string[] lines)
    {
        Assert.Equal(3, lines.Count(line => line.StartsWith($"failed {typeof(FailsOnDemandTests).FullName}.", StringComparison.Ordinal)));
        Assert.Equal(3, lines.Count(line => line.Trim() == Failure));
    }

    private Task<(int ExitCode, string[] Lines, string Error)> RunAsync(string? failure, params string[] arguments) => RunAsync(failure, null, arguments);

    private async Task<(int ExitCode, string[] Lines, string Error)> RunAsync(string? failure, string? failing, string[] arguments)
    {
        var functions = Path.Combine(_directory.FullName, "functions.sh");
        await File.WriteAllTextAsync(functions, $$"""
            gcc() { :; }
            redis-server() { :; }
            dotnet() {
                [ "$1" = test ] || return 0
                [[ "$3" = *{{failing ?? "none"}} ]] && return 2
                [[ "$3" = *IntegrationTests ]] || return 0
                local given="${*:4}"
                given=${given%%--ignore-exit-code*}
                set -f
                command dotnet test --root-directory '{{AppContext.BaseDirectory}}' --test-modules '{{typeof(FailsOnDemandTests).Assembly.GetName().Name}}.dll' \
                    --filter-class '{{typeof(FailsOnDemandTests).FullName}}' $given --progress off --output Detailed --results-directory '{{_directory.FullName}}'
            }
            """, Token);
        var start = new ProcessStartInfo("bash", [Path.Combine(Dotnet.Root, "eng", "test.sh"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["BASH_ENV"] = functions;
        start.Environment["TMPDIR"] = _directory.FullName;
        start.Environment["CI"] = "";
        start.Environment[FailsOnDemandTests.Variable] = failure;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return (process.ExitCode, (await output).TrimEnd().Split('\n'), await error);
    }
}
