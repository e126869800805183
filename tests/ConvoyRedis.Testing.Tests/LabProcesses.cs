namespace ConvoyRedis.Testing.Tests;

/// <summary>What runs on this machine for a lab, in a container or not: the kernel shows both.</summary>
internal static class LabProcesses
{
    /// <summary>The processes that have their working directory under this directory, or name it in their command line.</summary>
    public static IReadOnlyList<string> Under(string directory) => [.. Directory.GetDirectories("/proc").Where(process => Concerns(process, directory))];

    private static bool Concerns(string process, string directory)
    {
        try
        {
            return new FileInfo($"{process}/cwd").LinkTarget?.StartsWith(directory, StringComparison.Ordinal) == true
                || File.ReadAllText($"{process}/cmdline").Contains(directory, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No process, or one that has just ended, or somebody else's.
            return false;
        }
    }
}
