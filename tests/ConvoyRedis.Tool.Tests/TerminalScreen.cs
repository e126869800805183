using System.Diagnostics;
using System.Text.RegularExpressions;

namespace ConvoyRedis.Tool.Tests;

/// <summary>Runs the convoy-redis command in a terminal, of 80 columns unless a test wants others.</summary>
internal static partial class TerminalScreen
{
    /// <summary>What is left of its output are the words, without colours and movements.</summary>
    public static async Task<string> RunAsync(
        IEnumerable<KeyValuePair<string, string>> variables, string arguments, CancellationToken cancellationToken) =>
        Movements().Replace(await RunRawAsync(variables, arguments, cancellationToken), movement => movement.Value[^1] == 'A' ? "\n" : "")
            .Replace("\r", "", StringComparison.Ordinal);

    /// <summary>By script(1), which lends a process a terminal.</summary>
    public static async Task<string> RunRawAsync(
        IEnumerable<KeyValuePair<string, string>> variables, string arguments, CancellationToken cancellationToken, int columns = 80)
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "convoy-redis.dll");
        var start = new ProcessStartInfo("script", ["-qec", $"stty cols {columns} rows 50; dotnet '{tool}' {arguments}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return output;
    }

    [GeneratedRegex(@"\x1b(\[[0-9;?]*[A-Za-z]|[=>])")]
    private static partial Regex Movements();
}
