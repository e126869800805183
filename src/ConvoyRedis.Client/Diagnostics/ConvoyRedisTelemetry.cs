namespace ConvoyRedis.Client;

/// <summary>The names under which the library publishes metrics and traces; <c>docs/operations.md</c> describes them.</summary>
public static class ConvoyRedisTelemetry
{
    /// <summary>The name of the meter, for <c>AddMeter</c> of the OpenTelemetry SDK.</summary>
    public const string MeterName = "ConvoyRedis.Client";

    /// <summary>The name of the activity source, for <c>AddSource</c> of the OpenTelemetry SDK: a span for each failover and each connect.</summary>
    public const string ActivitySourceName = "ConvoyRedis.Client";
}
