using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests;

internal static class LoggedEvents
{
    /// <summary>How often an event was logged.</summary>
    public static int Count(this FakeLogger logger, int eventId) => logger.Collector.GetSnapshot().Count(line => line.Id.Id == eventId);
}
