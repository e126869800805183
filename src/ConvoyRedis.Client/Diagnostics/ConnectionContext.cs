using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>The services that every part of a connection uses.</summary>
/// <param name="LoggerFactory">Where StackExchange.Redis logs to.</param>
/// <param name="Logger">Where the connection itself logs to.</param>
/// <param name="Time">The clock.</param>
/// <param name="Telemetry">Where metrics and spans go.</param>
/// <param name="Obstructed">Receives the reason why the master cannot be used; null when it can be used again.</param>
internal sealed record ConnectionContext(
    ILoggerFactory LoggerFactory, ILogger Logger, TimeProvider Time, Telemetry Telemetry, Action<ConvoyRedisConnectionException?> Obstructed);
