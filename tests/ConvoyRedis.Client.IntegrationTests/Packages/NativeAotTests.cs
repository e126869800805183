using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>The library compiled to native code, ahead of time.</summary>
public sealed class NativeAotTests(NativeProgram native) : IClassFixture<NativeProgram>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NativeProgram_IsCompiledWithoutAWarning_AndFollowsAPlannedFailover()
    {
        Assert.DoesNotContain("warning", native.Printed, StringComparison.OrdinalIgnoreCase);

        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var old = await topology.GetMasterAsync(Token);
        var start = new ProcessStartInfo(native.File) { WorkingDirectory = native.Folder, RedirectStandardOutput = true };
        foreach (var (name, value) in topology.EnvironmentVariables)
            start.Environment[name] = value;
        using var program = Process.Start(start)!;
        Assert.Equal($"connected {old.Address}", await program.StandardOutput.ReadLineAsync(Token));
        await topology.FailoverAsync(Token);

        Assert.StartsWith($"followed {old.Address} ", await program.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        Assert.StartsWith("lost ", await program.StandardOutput.ReadLineAsync(Token), StringComparison.Ordinal);
        await program.WaitForExitAsync(Token);
        Assert.Equal(0, program.ExitCode);
    }
}
