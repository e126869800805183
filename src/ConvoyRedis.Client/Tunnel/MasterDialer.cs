using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Connects to the supposed master and returns the connection only if its ROLE is master: on a replica every write would fail, and
/// StackExchange.Redis, which sees the role in its handshake, would refuse writes on its own side for up to a minute.
/// </summary>
/// <param name="dialer">Dials the node.</param>
/// <param name="replicaAccepted">
/// Whether a replica is accepted after <see cref="ReplicaPatience"/>: for a fixed endpoint, which may be a replica on purpose;
/// never for a node that sentinels named as the master.
/// </param>
/// <param name="context">The clock and the log.</param>
internal sealed class MasterDialer(NodeDialer dialer, bool replicaAccepted, ConnectionContext context)
{
    /// <summary>How long a fixed endpoint may be a replica until it is accepted as one: longer than a provider's failover takes to settle.</summary>
    public static readonly TimeSpan ReplicaPatience = TimeSpan.FromSeconds(3);

    /// <summary>How long an offered connection is kept.</summary>
    private static readonly TimeSpan OfferLasts = TimeSpan.FromSeconds(1);

    private NodeTransport? _offered;
    private long _replicaSince;
    private Preference? _preferred;

    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, refused the connection, or is not a master.</exception>
    public async Task<NodeTransport> DialAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _offered, null) is { } offered)
        {
            if (offered.Node == node)
                return offered;
            offered.Dispose();
        }

        var preferred = _preferred;
        try
        {
            return await DialAsync(node, preferred?.Address, cancellationToken).ConfigureAwait(false);
        }
        catch (ConvoyRedisConnectionException) when (preferred is not null)
        {
            Interlocked.CompareExchange(ref _preferred, null, preferred);
            throw;
        }
    }

    /// <summary>The next dial to this node gets this connection, on which it has just said that it is a master.</summary>
    public void Offer(NodeTransport master)
    {
        Interlocked.Exchange(ref _offered, master)?.Dispose();
        _ = Background.Run(async () =>
        {
            await Task.Delay(OfferLasts, context.Time).ConfigureAwait(false);
            if (Interlocked.CompareExchange(ref _offered, null, master) == master)
                master.Dispose();
        });
    }

    /// <summary>
    /// Dials the node at this address from now on, for as long as a master answers there: at another address of its name, a node that hangs may accept
    /// connections.
    /// </summary>
    public void Prefer(ConvoyRedisEndpoint address) => _preferred = new Preference(address);

    /// <summary>Restarts the wait of <see cref="ReplicaPatience"/> for the next replica.</summary>
    public void ForgetReplica() => Interlocked.Exchange(ref _replicaSince, 0);

    private async Task<NodeTransport> DialAsync(ConvoyRedisEndpoint node, ConvoyRedisEndpoint? address, CancellationToken cancellationToken)
    {
        var transport = await dialer.DialAsync(node, cancellationToken, address).ConfigureAwait(false);
        try
        {
            var role = transport.Role;
            if (role.IsError && NodeRefusal.IsTemporary(role.Text!))
                throw dialer.Refused(node, role.Text!);

            if (role.IsError)
                Log.RoleNotAllowed(context.Logger, node, dialer.Shown(role.Text!));

            // Null: it does not show its role, as on some managed services; its replies decide.
            if (transport.IsMaster is null)
                return transport;
            if (transport.IsMaster == true)
                ForgetReplica();
            else if (IsAcceptedReplica(node))
                transport.IsAcceptedReplica = true;
            else
                throw NotMaster(node, role);
            if (replicaAccepted)
                await transport.IdentifyAsync(cancellationToken).ConfigureAwait(false);
            return transport;
        }
        catch (Exception exception)
        {
            transport.Dispose();
            if (exception is IOException)
                throw new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"{node} ended the connection: {exception.Message}", exception);
            throw;
        }
    }

    private ConvoyRedisConnectionException NotMaster(ConvoyRedisEndpoint node, RespReply role) =>
        new(ConvoyRedisFault.NotMaster, $"{node} is a replica, not the master. {Advice}") { Successor = RoleReply.MasterIn(role) };

    private string Advice => replicaAccepted ? Remedies.ReadOnly : "The sentinels named it; waiting until it is promoted or they name another node.";

    private bool IsAcceptedReplica(ConvoyRedisEndpoint node)
    {
        if (!replicaAccepted)
            return false;
        var now = context.Time.GetTimestamp();
        var since = Interlocked.CompareExchange(ref _replicaSince, now, 0);
        if (since == 0 || context.Time.GetElapsedTime(since, now) < ReplicaPatience)
            return false;
        Log.ReplicaAccepted(context.Logger, node, Remedies.ReadOnly);
        return true;
    }

    /// <summary>An address that is read and written as a whole.</summary>
    private sealed record Preference(ConvoyRedisEndpoint Address);
}
