using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

internal static class PromotionObserverExtensions
{
    /// <summary>The first promotion after a fault, or null when there is none in time.</summary>
    public static async Task<Takeover?> TakeoverAsync(this PromotionObserver observer, long faultAt, CancellationToken cancellationToken)
    {
        try
        {
            return new Takeover(faultAt, await observer.WaitForPromotionAsync(cancellationToken));
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
