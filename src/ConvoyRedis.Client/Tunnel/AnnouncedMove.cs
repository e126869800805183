using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// The node of a route announced that it goes, and a master answers where the endpoint leads next: the command stream is handed over to it, and the
/// subscription stream is cut. New streams lead there too.
/// </summary>
internal static class AnnouncedMove
{
    /// <summary>Moves the streams.</summary>
    /// <param name="route">The route.</param>
    /// <param name="leaving">A transport to the node that goes.</param>
    /// <param name="address">Where the master answered.</param>
    /// <param name="context">The clock and the log.</param>
    public static async Task MakeAsync(LogicalRoute route, NodeTransport leaving, ConvoyRedisEndpoint address, ConnectionContext context)
    {
        var (masters, _, deadline) = route.Plan;
        masters.Prefer(address);
        var commands = route.CommandStream;
        foreach (var stream in route.StreamsTo(leaving).OrderByDescending(stream => stream == commands))
        {
            if (stream == commands)
            {
                using var handover = new StreamHandover(stream, masters.DialAsync, deadline, context);
                await handover.CompleteAsync(stream.Node).ConfigureAwait(false);
            }
            else
            {
                stream.Abort();
            }

            Log.NodeMoved(context.Logger, leaving.Node, leaving.Address, address);
        }
    }
}
