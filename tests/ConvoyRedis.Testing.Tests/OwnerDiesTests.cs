using System.Diagnostics;

namespace ConvoyRedis.Testing.Tests;

/// <summary>When the process that started a lab is killed, its servers and its directory go all the same.</summary>
public sealed class OwnerDiesTests
{
    private const int Servers = 6;
    private const int Guardian = 1;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill9_WhileTheLabRuns_LeavesNothingBehind()
    {
        var directory = Directory.CreateTempSubdirectory("convoy-redis-tests-").FullName;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, Environment = { ["TMPDIR"] = directory } };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "convoy-redis.dll"), "drill", "--lab"])
            start.ArgumentList.Add(argument);
        using var owner = Process.Start(start)!;
        await Eventually.TrueAsync(() => LabProcesses.Under(directory).Count >= Servers + Guardian, Token);

        owner.Kill();

        await Eventually.TrueAsync(() => LabProcesses.Under(directory).Count == 0, Token);
        await Eventually.TrueAsync(() => Directory.GetDirectories(directory, "redis-lab-*").Length == 0, Token);
        Directory.Delete(directory, recursive: true);
    }
}
