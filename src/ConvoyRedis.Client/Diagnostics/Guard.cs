namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Calls code of the service that listens to logs, metrics or traces. Its exceptions are dropped: they must not stop the caller.
/// </summary>
internal static class Guard
{
    public static void Run(Action call)
    {
        try
        {
            call();
        }
        catch (Exception)
        {
            // The listener's fault; the library works without it.
        }
    }

    /// <summary>The result; null when the call throws.</summary>
    public static T? Get<T>(Func<T?> call)
        where T : class
    {
        T? result = null;
        Run(() => result = call());
        return result;
    }
}
