using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Resilience;

/// <summary>Disposes several parts: if one throws, the others are still disposed.</summary>
internal static class Disposal
{
    /// <summary>Ends each part, one after the other. What one throws is logged, and not thrown.</summary>
    public static async ValueTask EndAsync(ILogger logger, params IEnumerable<(string Part, Func<ValueTask> End)> parts)
    {
        foreach (var (part, end) in parts)
        {
            try
            {
                await end().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Log.PartFailed(logger, $"Disposing {part}", exception);
            }
        }
    }

    /// <summary>The end of a part that ends at once.</summary>
    public static Func<ValueTask> Of(Action end) => () =>
    {
        end();
        return default;
    };
}
