using System.Net;
using System.Net.Sockets;

namespace ConvoyRedis.Client.Nodes;

/// <summary>
/// Opens the TCP connection to a node. All addresses of its name are tried by RFC 8305 ("Happy Eyeballs"): IPv6 and IPv4 in turn, the next
/// one as soon as one fails or has not answered for a short time. The first that connects is kept, and the others are closed. TLS and the login
/// follow after that.
/// </summary>
/// <param name="resolve">Gives the addresses of a host name, the preferred one first.</param>
/// <param name="time">The clock.</param>
internal sealed class AddressDialer(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
{
    // A peer that disappeared is detected after about 5 s idle, and after 10 s with data unacknowledged.
    private const int KeepAliveSeconds = 2;
    private const int KeepAliveProbes = 2;
    private const int UnacknowledgedMilliseconds = 10_000;
    private const int TcpUserTimeoutOption = 18;

    // The delay that RFC 8305 recommends.
    private static readonly TimeSpan LongestStagger = TimeSpan.FromMilliseconds(250);

    /// <summary>Connects.</summary>
    /// <param name="progress">The node; records the result of each address.</param>
    /// <param name="timeout">The time after which <paramref name="cancellationToken"/> ends the attempt; each address gets a share of it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">The name has no address, or the Unix socket does not answer.</exception>
    /// <exception cref="IOException">Every address refused, or there is no Unix socket.</exception>
    public async Task<Socket> ConnectAsync(DialProgress progress, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (progress.Node.IsUnixSocket)
        {
            progress.Stage = DialStage.Connecting;
            if (!File.Exists(progress.Node.Host))
                throw new IOException("the Unix socket does not exist");
            return await ConnectAsync(new UnixDomainSocketEndPoint(progress.Node.Host), cancellationToken).ConfigureAwait(false);
        }

        var addresses = Interleave(await ResolveAsync(progress.Node.Host, cancellationToken).ConfigureAwait(false));
        progress.Stage = DialStage.Connecting;
        var stagger = TimeSpan.FromTicks(Math.Min(LongestStagger.Ticks, timeout.Ticks / (addresses.Count + 1)));
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Dictionary<Task, IPAddress>();
        SocketException? failure = null;
        try
        {
            for (var next = 0; next < addresses.Count || running.Count > 0;)
            {
                if (next < addresses.Count)
                {
                    var address = addresses[next++];
                    progress.Addresses[address] = "no answer";
                    running.Add(ConnectAsync(new IPEndPoint(address, progress.Node.Port), race.Token), address);
                }

                var pause = Task.Delay(next < addresses.Count ? stagger : Timeout.InfiniteTimeSpan, time, race.Token);
                var first = await Task.WhenAny(running.Keys.Append(pause)).ConfigureAwait(false);
                if (first is not Task<Socket> attempt)
                {
                    await pause.ConfigureAwait(false);
                    continue;
                }

                running.Remove(attempt, out var tried);
                try
                {
                    return await attempt.ConfigureAwait(false);
                }
                catch (SocketException exception)
                {
                    failure = exception;
                    progress.Addresses[tried!] = exception.Message;
                }
            }

            throw new IOException(progress.AddressesText, failure);
        }
        finally
        {
            await race.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Keys.Cast<Task<Socket>>().Select(DiscardAsync)).ConfigureAwait(false);
        }
    }

    /// <summary>Gives the addresses of a host name. An address needs no resolver, and one that hangs (the system's cannot be cancelled) is left to itself.</summary>
    /// <exception cref="SocketException">The name does not resolve, or has no address.</exception>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out var address))
            return [address];
        var addresses = await resolve(host, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        return addresses.Length > 0 ? addresses : throw new SocketException((int)SocketError.NoData);
    }

    // The families in turn, starting with the preferred one, so that an unreachable family costs one delay.
    private static List<IPAddress> Interleave(IPAddress[] addresses) =>
    [
        .. addresses.Distinct().GroupBy(address => address.AddressFamily)
            .SelectMany((family, rank) => family.Select((address, index) => (address, index, rank)))
            .OrderBy(entry => entry.index).ThenBy(entry => entry.rank).Select(entry => entry.address),
    ];

    // A separate socket for each address: on Linux, a socket with raw options cannot connect to a second address.
    private static async Task<Socket> ConnectAsync(EndPoint address, CancellationToken cancellationToken)
    {
        var isTcp = address is IPEndPoint;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, isTcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (isTcp)
            {
                socket.NoDelay = true;
                KeepAlive(socket);
            }

            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task DiscardAsync(Task<Socket> late)
    {
        await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (late.IsCompletedSuccessfully)
            late.Result.Dispose();
    }

    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);

        // Keep-alive is silent while data waits to be acknowledged; Linux then retransmits for 15 minutes unless told otherwise.
        if (OperatingSystem.IsLinux())
            socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpUserTimeoutOption, BitConverter.GetBytes(UnacknowledgedMilliseconds));
    }
}
