using System.Diagnostics;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>Runs the dotnet command as a user does.</summary>
internal static class Dotnet
{
    // A hang must end; a compiler on a machine with other work takes several times as long as by itself (about a minute).
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // Each builds on all cores: more of them at the same time take the machine from the tests beside them.
    private static readonly SemaphoreSlim Turns = new(2);

    /// <summary>The directory of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The configuration in which the tests, and what they refer to, were built.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>Runs it in a directory; what it prints is returned, or is the message of the failure.</summary>
    public static Task<string> RunAsync(string directory, params string[] arguments) => StartAsync("dotnet", directory, arguments);

    /// <summary>The same with another command.</summary>
    public static async Task<string> StartAsync(string command, string directory, params string[] arguments)
    {
        await Turns.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return await RunToEndAsync(command, directory, arguments);
        }
        finally
        {
            Turns.Release();
        }
    }

    private static async Task<string> RunToEndAsync(string command, string directory, string[] arguments)
    {
        // At low priority: a compiler must not slow down the tests that run at the same time.
        var start = new ProcessStartInfo("nice", [command, .. arguments]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };

        // What the test runner's own MSBuild has set must not reach another build.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command} {string.Join(' ', arguments)} did not end within {Limit.TotalMinutes} minutes.");
        }

        var printed = await output + await error;
        Assert.True(process.ExitCode == 0, printed);
        return printed;
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "ConvoyRedis.Client.sln")))
            directory = directory.Parent;
        return directory.FullName;
    }
}
