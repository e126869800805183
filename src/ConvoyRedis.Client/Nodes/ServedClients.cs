using System.Globalization;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Nodes;

/// <summary>
/// How many connections a node serves: from that, a process knows whether it is one of a few or of a thousand, and how long it must leave the node to the
/// others.
/// </summary>
internal readonly record struct ServedClients
{
    private readonly uint _count;

    /// <param name="info">The answer to <see cref="Question"/>; a node that does not show the number is taken to serve few.</param>
    public ServedClients(RespReply info) =>
        _count = uint.TryParse(NodeInfo.From(info)?["connected_clients"], CultureInfo.InvariantCulture, out var count) ? count : 0;

    /// <summary>The question.</summary>
    public static string[] Question => ["INFO", "clients"];

    /// <summary>A time for each of them, within bounds.</summary>
    public TimeSpan Share(TimeSpan each, TimeSpan least, TimeSpan most) =>
        TimeSpan.FromTicks(Math.Clamp(each.Ticks * _count, least.Ticks, most.Ticks));
}
