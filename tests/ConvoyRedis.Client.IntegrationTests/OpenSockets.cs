namespace ConvoyRedis.Client.IntegrationTests;

/// <summary>Counts the sockets of this process.</summary>
internal static class OpenSockets
{
    public static int Count() => Directory.EnumerateFiles("/proc/self/fd").Count(IsSocket);

    private static bool IsSocket(string descriptor)
    {
        try
        {
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
