using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tunnel;

/// <summary>
/// Dials the node that should be the master and hands it out only when its ROLE agrees: on a replica every write would fail, and
/// StackExchange.Redis, which sees the role in its handshake, would refuse writes on its own side for up to a minute.
/// </summary>
/// <param name="dialer">Dials the node.</param>
/// <param name="replicaAccepted">
/// Whether a replica is handed out after <see cref="ReplicaPatience"/>: so for a fixed endpoint, which may be a replica on purpose;
/// never for what sentinels named as the master.
/// </param>
/// <param name="context">The clock and the log.</param>
internal sealed class MasterDialer(NodeDialer dialer, bool replicaAccepted, ConnectionContext context)
{
    /// <summary>How long a fixed endpoint may be a replica until it is taken as meant: longer than a provider's failover takes to settle.</summary>
    public static readonly TimeSpan ReplicaPatience = TimeSpan.FromSeconds(3);

    private long _replicaSince;

    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, refused us, or is no master.</exception>
    public async Task<NodeTransport> DialAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken)
    {
        var transport = await dialer.DialAsync(node, cancellationToken).ConfigureAwait(false);
        try
        {
            var role = transport.Role;
            if (role.IsError && NodeRefusal.IsTemporary(role.Text!))
                throw dialer.Refused(node, role.Text!);

            if (role.IsError)
                Log.RoleNotAllowed(context.Logger, node, dialer.Shown(role.Text!));

            // Null: it shows its role nowhere, on a managed service for example, and is believed by its replies.
            if (transport.IsMaster is null)
                return transport;
            if (transport.IsMaster == true)
                ForgetReplica();
            else if (IsAcceptedReplica(node))
                transport.IsAcceptedReplica = true;
            else
                throw new ConvoyRedisConnectionException(ConvoyRedisFault.NotMaster, $"{node} is a replica, not the master. {Advice}");
            return transport;
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>The next replica is waited for anew, as long as <see cref="ReplicaPatience"/>.</summary>
    public void ForgetReplica() => Interlocked.Exchange(ref _replicaSince, 0);

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
}
