using System.Diagnostics;
using System.Globalization;

namespace ConvoyRedis.Tool.Tests;

/// <summary>A file system in memory, small enough to be filled. Mounting takes the rights of root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    public const int Bytes = 8 * 1024 * 1024;

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("convoy-redis-tests-");

    public string Directory => _directory.FullName;

    public static async Task<SmallDisk> MountAsync(CancellationToken cancellationToken)
    {
        var disk = new SmallDisk();
        var size = Bytes.ToString(CultureInfo.InvariantCulture);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "none", disk.Directory) != 0)
        {
            disk._directory.Delete();
            Assert.Skip("A small disk to fill cannot be mounted: run as root.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        return disk;
    }

    public async ValueTask DisposeAsync()
    {
        Assert.Equal(0, await RunAsync("umount", "--lazy", Directory));
        _directory.Delete(recursive: true);
    }

    private static async Task<int> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
