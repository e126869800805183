using System.Diagnostics;

namespace ConvoyRedis.Tool.Tests;

/// <summary><c>convoy-redis completion</c>: each script in its own shell.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    // Typed in a terminal, with the tabulator: what was completed is a command that runs, and writes the fish script.
    [Theory]
    [InlineData("bash", "bash --norc --noprofile -i")]
    [InlineData("zsh", "zsh -f -i")]
    public async Task Tabulator_InATerminal_CompletesCommandsAndValues(string shell, string command)
    {
        await InstallAsync(shell);
        var before = shell == "zsh" ? "autoload -Uz compinit && compinit -u -D; " : "";

        var output = await TypeAsync(shell, command, $"{before}source <(convoy-redis completion {shell})\n", "convoy-redis comp\tfi\t\n", "exit\n");

        Assert.Contains("complete --command convoy-redis", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "check", "completion", "config", "drill", "watch")]
    [InlineData("c", "check", "completion", "config")]
    [InlineData("check --f", "--format")]
    [InlineData("check --format ", "json", "prometheus", "text")]
    [InlineData("check --redis-host a --js", "--json")]
    [InlineData("drill --lab c", "cluster")]
    public async Task Bash_Line_GetsWhatFits(string typed, params string[] expected)
    {
        var script = await InstallAsync("bash");
        var words = $"convoy-redis {typed}".Split(' ');
        var completed = await RunAsync("bash", "-c", $"""
            source '{script}'
            COMP_LINE='convoy-redis {typed}' COMP_POINT={$"convoy-redis {typed}".Length}
            COMP_WORDS=({string.Join(' ', words.Select(word => $"'{word}'"))}) COMP_CWORD={words.Length - 1}
            _convoy_redis
            printf '%s\n' "{"${COMPREPLY[@]}"}"
            """);

        Assert.Equal(expected, completed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(word => !word.StartsWith('-') || typed.Contains('-')).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ch", "check")]
    [InlineData("check --f", "--format")]
    [InlineData("check --format ", "json", "prometheus", "text")]
    public async Task Fish_Line_GetsWhatFits(string typed, params string[] expected)
    {
        var script = await InstallAsync("fish");

        var completed = await RunAsync("fish", "--no-config", "-c", $"source '{script}'; complete --do-complete 'convoy-redis {typed}'");

        Assert.All(expected, word => Assert.Contains(word, completed.Split('\n')));
        Assert.All(completed.Split('\n', StringSplitOptions.RemoveEmptyEntries), word => Assert.Contains(word, expected));
    }

    [Fact]
    public async Task Completion_UnknownShell_NamesThoseThatThereAre()
    {
        var (exitCode, _, error) = await ConvoyRedisTool.RunAsync(new Dictionary<string, string>(), _directory.FullName, "completion", "tcsh");

        Assert.Equal(3, exitCode);
        Assert.All((string[])["'bash'", "'fish'", "'zsh'"], shell => Assert.Contains(shell, error, StringComparison.Ordinal));
    }

    // The command as dotnet installs it: by its name, on the path.
    private async Task<string> InstallAsync(string shell)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, shell))))
            Assert.Skip($"{shell} is not installed.");
        var command = Path.Combine(_directory.FullName, "convoy-redis");
        await File.WriteAllTextAsync(command, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "convoy-redis.dll")}' \"$@\"\n", Token);
        await RunAsync("chmod", "+x", command);
        var script = Path.Combine(_directory.FullName, $"completion.{shell}");
        await File.WriteAllTextAsync(script, await RunAsync(command, "completion", shell), Token);
        return script;
    }

    // What is typed ahead is read when the shell reads its next line.
    private async Task<string> TypeAsync(string shell, string command, params string[] lines)
    {
        var start = Started("script", "-qec", $"stty cols 80 rows 50; {command}", "/dev/null");
        start.RedirectStandardInput = true;
        start.Environment["TERM"] = "xterm";
        start.Environment["PS1"] = "$ ";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        foreach (var line in lines)
        {
            await process.StandardInput.WriteAsync(line);
            await process.StandardInput.FlushAsync(Token);
        }

        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, $"{shell}: {await output}");
        return await output;
    }

    private async Task<string> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(Started(command, arguments))!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private ProcessStartInfo Started(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, WorkingDirectory = _directory.FullName };
        start.Environment["PATH"] = $"{_directory.FullName}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = _directory.FullName;
        return start;
    }
}
