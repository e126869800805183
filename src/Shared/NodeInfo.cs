using System.Globalization;

namespace ConvoyRedis.Shared;

/// <summary>A node's reply to INFO.</summary>
internal sealed class NodeInfo
{
    private readonly Dictionary<string, string> _fields;

    public NodeInfo(string text)
        : this(text.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(':', 2)))
    {
    }

    private NodeInfo(IEnumerable<string[]> pairs) => _fields = pairs.Where(pair => pair.Length == 2)
        .GroupBy(pair => pair[0], StringComparer.Ordinal).ToDictionary(pair => pair.Key, pair => pair.First()[1], StringComparer.Ordinal);

    /// <summary>A reply to INFO, or to a command that answers alike; null when it was refused.</summary>
    public static NodeInfo? From(RespReply reply) => reply is { IsError: false, Text: { } text } ? new NodeInfo(text) : null;

    /// <summary>Its replicas, each with its <c>ip</c>, <c>port</c>, <c>state</c>, <c>offset</c> and <c>lag</c>.</summary>
    public IEnumerable<NodeInfo> Replicas =>
        from pair in _fields
        where pair.Key.StartsWith("slave", StringComparison.Ordinal) && pair.Value.StartsWith("ip=", StringComparison.Ordinal)
        select new NodeInfo(pair.Value.Split(',').Select(part => part.Split('=', 2)));

    /// <summary>A field's text; null where the node does not show it.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <summary>A field's number; null where the node does not show it.</summary>
    public double? Number(string name) =>
        double.TryParse(this[name], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The share of <c>maxmemory</c> that is used; null without such a limit.</summary>
    public double? MemoryShare => Number("maxmemory") is > 0 and { } most ? Number("used_memory") / most : null;
}
