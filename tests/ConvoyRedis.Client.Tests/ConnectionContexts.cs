using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConvoyRedis.Client.Tests;

/// <summary>The context of a part that is tested by itself.</summary>
internal static class ConnectionContexts
{
    public static ConnectionContext Create(TimeProvider time, ILogger logger) => new(
        NullLoggerFactory.Instance, logger, time, new Telemetry(Instruments.Shared, new ConvoyRedisOptions().Resolve()), _ => { });
}
