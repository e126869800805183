using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>What every part of a connection reports to and goes by.</summary>
/// <param name="LoggerFactory">Where StackExchange.Redis logs to.</param>
/// <param name="Logger">Where the connection itself logs to.</param>
/// <param name="Time">The clock.</param>
/// <param name="Telemetry">Where figures and spans go.</param>
/// <param name="Obstructed">Told what keeps the connection from its master; null when that is over.</param>
internal sealed record ConnectionContext(
    ILoggerFactory LoggerFactory, ILogger Logger, TimeProvider Time, Telemetry Telemetry, Action<ConvoyRedisConnectionException?> Obstructed);
