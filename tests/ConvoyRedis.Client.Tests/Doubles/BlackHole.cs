using System.Net;
using System.Net.Sockets;

namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>An address that answers nothing: Linux drops what knocks at a listener whose queue is full.</summary>
internal sealed class BlackHole : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _filler = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <param name="address">A loopback address of its own, so that others can serve the same port.</param>
    /// <param name="port">The port.</param>
    public BlackHole(IPAddress address, int port)
    {
        _listener.Bind(new IPEndPoint(address, port));
        _listener.Listen(0);
        _filler.Connect(_listener.LocalEndPoint!);
    }

    public void Dispose()
    {
        _filler.Dispose();
        _listener.Dispose();
    }
}
