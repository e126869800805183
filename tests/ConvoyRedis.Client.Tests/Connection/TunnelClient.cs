using System.Net;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel;
using ConvoyRedis.Shared;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>
/// A tunnel, and whoever uses it in the place of StackExchange.Redis: writes one command after the other to the stream of the logical endpoint, and
/// reads all the time.
/// </summary>
internal sealed class TunnelClient : IAsyncDisposable
{
    private readonly MasterTunnel _tunnel;
    private RespConnection? _commands;
    private Task _reading = Task.CompletedTask;

    public TunnelClient(ConvoyRedisTarget target, NodeDialer nodes, ConnectionContext context)
    {
        Masters = new MasterDialer(nodes, replicaAccepted: target.Topology == ConvoyRedisTopology.Standalone, context);
        _tunnel = new MasterTunnel(new DnsEndPoint("logical", 6379), new DialPlan(Masters, nodes, target.HoldDeadline), context);
    }

    public LogicalRoute Route => _tunnel.Route!;

    public MasterDialer Masters { get; }

    /// <summary>Whether the stream was ended from this side; the end of reading follows.</summary>
    public bool HasEnded => Route.CommandStream is null;

    /// <summary>Waits until the stream has ended.</summary>
    public Task EndedAsync() => _reading.InTimeAsync();

    /// <summary>Opens the stream of the logical endpoint; waits for as long as that leads nowhere.</summary>
    public async Task OpenAsync()
    {
        var opening = _tunnel.BeforeAuthenticateAsync(Route.Endpoint, ConnectionType.Interactive, null, CancellationToken.None).AsTask();
        await opening.InTimeAsync();
        var stream = (await opening)!;
        _commands = new RespConnection(stream);
        _reading = ReadAsync(stream);
    }

    /// <summary>Writes a command; completes when it has been written, which a held stream puts off.</summary>
    public Task WriteAsync(params string[] command) => _commands!.SendAsync(command, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _tunnel.Dispose();
        await _reading;
    }

    private static async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[1024];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }
}
