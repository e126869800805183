using System.Net;
using System.Net.Sockets;

namespace ConvoyRedis.Client.Nodes;

/// <summary>
/// Opens the connection to a node. All addresses of its name are tried by RFC 8305 ("Happy Eyeballs"): IPv6 and IPv4 in turn, the next
/// one as soon as one fails or gets no further for a short time. The first at which the node has answered is kept, and the others are closed: a node
/// that hangs still accepts connections, and must not hide the others.
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
    /// <param name="prepare">Secures the connection to an address, and logs in; owns the socket.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="SocketException">The name has no address, or the Unix socket does not answer.</exception>
    /// <exception cref="IOException">Every address refused, or there is no Unix socket.</exception>
    /// <exception cref="ConvoyRedisConnectionException">The node refused us at an address.</exception>
    public async Task<T> ConnectAsync<T>(
        DialProgress progress, TimeSpan timeout, Func<Socket, DialAttempt, CancellationToken, Task<T>> prepare, CancellationToken cancellationToken)
        where T : IDisposable
    {
        if (progress.Node.IsUnixSocket)
        {
            var attempt = progress.Begin(null, time);
            if (!File.Exists(progress.Node.Host))
                throw new IOException("the Unix socket does not exist");
            return await prepare(await ConnectAsync(new UnixDomainSocketEndPoint(progress.Node.Host), cancellationToken).ConfigureAwait(false), attempt, cancellationToken)
                .ConfigureAwait(false);
        }

        var addresses = Interleave(await ResolveAsync(progress.Node.Host, cancellationToken).ConfigureAwait(false));
        var stagger = TimeSpan.FromTicks(Math.Min(LongestStagger.Ticks, timeout.Ticks / (addresses.Count + 1)));
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Dictionary<Task<T>, DialAttempt>();
        try
        {
            for (var next = 0; next < addresses.Count || running.Count > 0;)
            {
                if (next < addresses.Count)
                {
                    var attempt = progress.Begin(addresses[next], time);
                    running.Add(ConnectAsync(new IPEndPoint(addresses[next++], progress.Node.Port), attempt, prepare, race.Token), attempt);
                }

                if (await FirstAsync(running, next < addresses.Count ? stagger : null, race.Token).ConfigureAwait(false) is not { } first)
                    continue;
                running.Remove(first, out var ended);
                try
                {
                    return await first.ConfigureAwait(false);
                }
                catch (Exception exception) when (DialProgress.IsOfAnAddress(exception))
                {
                    ended!.Failure = exception;
                }
            }

            throw progress.Failed();
        }
        finally
        {
            await race.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Keys.Select(DiscardAsync)).ConfigureAwait(false);
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

    private static async Task<T> ConnectAsync<T>(
        EndPoint address, DialAttempt attempt, Func<Socket, DialAttempt, CancellationToken, Task<T>> prepare, CancellationToken cancellationToken) =>
        await prepare(await ConnectAsync(address, cancellationToken).ConfigureAwait(false), attempt, cancellationToken).ConfigureAwait(false);

    // The first attempt that ends; null when none has got any further for so long.
    private async Task<Task<T>?> FirstAsync<T>(Dictionary<Task<T>, DialAttempt> running, TimeSpan? patience, CancellationToken cancellationToken)
    {
        while (true)
        {
            var left = patience is { } longest ? longest - running.Values.Min(attempt => time.GetElapsedTime(attempt.LastStep)) : Timeout.InfiniteTimeSpan;
            if (patience is not null && left <= TimeSpan.Zero)
                return null;
            var pause = Task.Delay(left, time, cancellationToken);
            if (await Task.WhenAny(running.Keys.Cast<Task>().Append(pause)).ConfigureAwait(false) is Task<T> first)
                return first;
            await pause.ConfigureAwait(false);
        }
    }

    private static async Task DiscardAsync<T>(Task<T> late)
        where T : IDisposable
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
