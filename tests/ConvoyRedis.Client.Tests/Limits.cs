using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests;

internal static class Limits
{
    /// <summary>Waits for what nobody has to be waited for long; a test that fails does not hang.</summary>
    public static Task InTimeAsync(this Task task) => task.WaitAsync(Pulse.Limit, TestContext.Current.CancellationToken);
}
