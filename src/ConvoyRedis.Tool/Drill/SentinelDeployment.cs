using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;

namespace ConvoyRedis.Tool.Drill;

/// <summary>A master and its replicas, which sentinels fail over.</summary>
internal sealed class SentinelDeployment(ConvoyRedisTarget target, DeploymentDialers dialers) : IDrillDeployment
{
    private readonly FirstAnswer _sentinels = new(dialers.Sentinels, target);

    public async Task<DrillSubject> FindAsync(ConvoyRedisConnection connection, CancellationToken cancellationToken)
    {
        var master = connection.Master!.Value;
        using (var transport = await dialers.Nodes.DialAsync(master, cancellationToken))
            VisibleRole.Of(transport, dialers.Nodes);
        var replicas = await _sentinels.AskAsync(SentinelCommands.Replicas(target.MasterName!), cancellationToken);
        return new DrillSubject(
            master,
            [
                .. from replica in replicas.Items
                   where replica.Field("flags") == "slave"
                   let endpoint = AnnouncedEndpoint.Read(replica.Field("ip"), replica.Field("port"))
                   where endpoint is not null
                   select endpoint.Value,
            ],
            []);
    }

    public Task FailOverAsync(DrillSubject subject, CancellationToken cancellationToken) =>
        _sentinels.AskAsync(SentinelCommands.Failover(target.MasterName!), cancellationToken);
}
