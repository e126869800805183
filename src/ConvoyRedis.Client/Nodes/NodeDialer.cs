using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ConvoyRedis.Shared;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Nodes;

/// <summary>Opens connections to nodes: TCP, TLS where asked for, and the login. Names are resolved afresh each time.</summary>
internal class NodeDialer(NodeAccess access)
{
    private readonly AddressDialer _addresses = new(access.Resolve, access.Time);

    /// <summary>What the nodes are logged in to with.</summary>
    public Credentials Credentials => access.Credentials;

    /// <summary>Dials a node and logs in; the transport is ready for commands.</summary>
    /// <param name="announced">The node, as it is announced.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <param name="address">The address of the node, if it is already known; null to resolve its name.</param>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, or refused the connection.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public virtual async Task<NodeTransport> DialAsync(
        ConvoyRedisEndpoint announced, CancellationToken cancellationToken, ConvoyRedisEndpoint? address = null)
    {
        var node = address ?? access.Reachable(announced);
        var progress = new DialProgress(node, announced, access);
        using var timeout = new Deadline(access.ConnectTimeout, access.Time, cancellationToken);
        try
        {
            return await _addresses.ConnectAsync(
                progress, access.ConnectTimeout, (socket, attempt, stop) => PrepareAsync(socket, announced, node, attempt, stop), timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw progress.TimedOut();
        }
        catch (Exception exception) when (exception is IOException or SocketException or AuthenticationException or ArgumentException)
        {
            throw progress.Failed(exception);
        }
    }

    /// <summary>
    /// Dials every address of a node's name at the same time, and takes the first at which a master answers: an address whose node hangs still
    /// accepts connections, and must not hide the others.
    /// </summary>
    /// <param name="announced">The node, as it is announced.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <param name="isTaken">Whether a master is taken; null for any.</param>
    /// <returns>The connection; null if no master answers. A node that does not show its role counts as one.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<NodeTransport?> DialMasterAsync(
        ConvoyRedisEndpoint announced, CancellationToken cancellationToken, Func<NodeTransport, Task<bool>>? isTaken = null)
    {
        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<NodeTransport>> dials = [];
        NodeTransport? master = null;
        try
        {
            var addresses = await ResolveAsync(announced, cancellationToken).ConfigureAwait(false);
            dials.AddRange(addresses.Select(address => DialAsync(announced, race.Token, address)));
            await foreach (var dial in Task.WhenEach(dials).ConfigureAwait(false))
            {
                if (dial is { IsCompletedSuccessfully: true, Result.IsMaster: not false }
                    && (isTaken is null || await isTaken(dial.Result).ConfigureAwait(false)))
                {
                    master = dial.Result;
                    break;
                }
            }
        }
        finally
        {
            await race.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(dials)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var other in dials.Where(dial => dial.IsCompletedSuccessfully && (dial.Result != master || cancellationToken.IsCancellationRequested)))
                other.Result.Dispose();
        }

        cancellationToken.ThrowIfCancellationRequested();
        return master;
    }

    /// <summary>Every address that an announced address stands for; itself if its name does not resolve.</summary>
    public async Task<IReadOnlyList<ConvoyRedisEndpoint>> ResolveAsync(ConvoyRedisEndpoint announced, CancellationToken cancellationToken)
    {
        var node = access.Reachable(announced);
        if (node.IsUnixSocket)
            return [node];
        try
        {
            return [.. (await _addresses.ResolveAsync(node.Host, cancellationToken).ConfigureAwait(false)).Distinct().Select(address => node with { Host = $"{address}" })];
        }
        catch (SocketException)
        {
            return [node];
        }
    }

    /// <summary>The address at which an announced address is reachable from here.</summary>
    public ConvoyRedisEndpoint Reachable(ConvoyRedisEndpoint announced) => access.Reachable(announced);

    /// <summary>Explains an error reply of a node, with the setting to check.</summary>
    public ConvoyRedisConnectionException Refused(ConvoyRedisEndpoint node, string error) => NodeRefusal.Explain(node, access, error);

    /// <summary>The text of a node, without secrets.</summary>
    public string Shown(string text) => access.Credentials.Shown(text);

    private async Task<NodeTransport> PrepareAsync(
        Socket socket, ConvoyRedisEndpoint announced, ConvoyRedisEndpoint node, DialAttempt attempt, CancellationToken cancellationToken)
    {
        NodeTransport? transport = null;
        try
        {
            var address = socket.RemoteEndPoint is IPEndPoint ip ? new ConvoyRedisEndpoint(ip.Address.ToString(), ip.Port) : node;
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (access.Tls is not null)
                stream = await SecureAsync(stream, announced, access.Tls, attempt, cancellationToken).ConfigureAwait(false);
            transport = new NodeTransport(announced, address, socket, stream);
            attempt.Stage = DialStage.LoggingIn;
            await LogInAsync(transport, cancellationToken).ConfigureAwait(false);
            return transport;
        }
        catch (Exception exception)
        {
            if (exception is IOException && transport is not null)
                attempt.Said = Shown(transport.Resp.Unparsed).Trim();
            transport?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(
        Stream stream, ConvoyRedisEndpoint announced, TlsMaterial tls, DialAttempt attempt, CancellationToken cancellationToken)
    {
        attempt.Stage = DialStage.Securing;
        var secured = new SslStream(stream);
        try
        {
            await secured.AuthenticateAsClientAsync(tls.ClientOptions(announced.Host, access.Reachable(announced).Host, attempt), cancellationToken).ConfigureAwait(false);
            return secured;
        }
        catch
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // All in one go: each round trip more is a millisecond of a failover.
    private async Task LogInAsync(NodeTransport transport, CancellationToken cancellationToken)
    {
        ConvoyRedisConnectionException? refusal = null;
        foreach (var login in access.Credentials.All)
        {
            var refused = await LogInAsync(transport, login, cancellationToken).ConfigureAwait(false);
            if (refused is null)
            {
                RequireRedisNode(transport);
                return;
            }

            refusal ??= refused;
            if (refused.Fault != ConvoyRedisFault.Authentication)
                break;
        }

        if (refusal!.Fault == ConvoyRedisFault.Authentication)
            access.Credentials.NoteRefusal();
        throw refusal;
    }

    // Null when it went well.
    private async Task<ConvoyRedisConnectionException?> LogInAsync(NodeTransport transport, Credentials.Login login, CancellationToken cancellationToken)
    {
        List<string[]> commands = [];
        if (login.Command is { } authentication)
            commands.Add(authentication);

        // Without a password, this shows whether one is required. A node that is loading its data reports it here and not to AUTH. One that
        // cannot persist refuses writes, and this (MISCONF): it can still be read.
        commands.Add(["PING"]);
        if (access.HasRoles)
            commands.Add(["ROLE"]);
        ConvoyRedisConnectionException? refused = null;
        string? deniedPing = null;
        try
        {
            foreach (var command in commands)
                await transport.Resp.SendAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A node at its maxclients says so and closes, whatever it is sent. What it said can still be read.
        }

        try
        {
            foreach (var command in commands)
            {
                var reply = await transport.Resp.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (command[0] == "ROLE")
                    transport.Role = reply;
                else if (command[0] == "PING" && reply.IsError && NodeRefusal.IsDenied(reply.Text!))
                    deniedPing = reply.Text;
                else if (reply.IsError && !reply.Text!.StartsWith("MISCONF", StringComparison.Ordinal))
                    refused ??= Refused(transport.Node, reply.Text);
            }
        }
        catch (IOException) when (refused is not null)
        {
            return refused;
        }

        // An answer to ROLE also shows that the login works. A user who may run neither command has too few permissions for a connection.
        if (deniedPing is not null && transport.Role.IsError)
            refused ??= Refused(transport.Node, deniedPing);
        if (refused is null && access.HasRoles)
            transport.IsMaster = await IsMasterAsync(transport, cancellationToken).ConfigureAwait(false);
        return refused;
    }

    // StackExchange.Redis asks INFO too and refuses writes to a replica for up to a minute: where INFO is refused as well, the replies decide.
    private static async Task<bool?> IsMasterAsync(NodeTransport transport, CancellationToken cancellationToken)
    {
        if (!transport.Role.IsError)
            return transport.Role[0] == "master";
        if (NodeRefusal.IsTemporary(transport.Role.Text!))
            return null;
        var info = NodeInfo.From(await transport.Resp.ExecuteAsync(["INFO", "replication"], cancellationToken).ConfigureAwait(false));
        return info?["role"] is { } role ? role == "master" : null;
    }

    private static void RequireRedisNode(NodeTransport transport)
    {
        if (transport.Role[0] == "sentinel")
        {
            throw new ConvoyRedisConnectionException(
                ConvoyRedisFault.WrongServer, $"{transport.Node} is a sentinel, not a Redis node. {Remedies.SentinelStart}");
        }
    }
}
