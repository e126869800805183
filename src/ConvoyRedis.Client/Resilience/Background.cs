namespace ConvoyRedis.Client.Resilience;

/// <summary>
/// Starts work that outlives its caller. It does not get the caller's ExecutionContext: AsyncLocal values, the culture or the Activity of
/// the request that connected first would otherwise stay as long as the connection.
/// </summary>
internal static class Background
{
    public static Task Run(Action work) => WithoutContext(() => Task.Run(work));

    public static Task Run(Func<Task> work) => WithoutContext(() => Task.Run(work));

    public static Task<T> Run<T>(Func<Task<T>> work) => WithoutContext(() => Task.Run(work));

    private static T WithoutContext<T>(Func<T> start)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return start();
        using (ExecutionContext.SuppressFlow())
            return start();
    }
}
