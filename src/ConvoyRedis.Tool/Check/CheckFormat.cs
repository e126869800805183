namespace ConvoyRedis.Tool.Check;

/// <summary>How <c>check</c> writes its report.</summary>
internal enum CheckFormat
{
    /// <summary>Tables for people.</summary>
    Text,

    /// <summary>One JSON object; with <c>--watch</c>, each on a line of its own.</summary>
    Json,

    /// <summary>Prometheus's text format, for the textfile collector of node_exporter.</summary>
    Prometheus,
}
