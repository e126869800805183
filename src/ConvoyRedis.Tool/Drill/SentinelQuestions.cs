using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Tool.Drill;

/// <summary>What a drill asks the sentinels: of the first one that answers.</summary>
internal sealed class SentinelQuestions(ConvoyRedisTarget target, NodeDialer sentinels)
{
    /// <summary>The replicas that could be promoted.</summary>
    /// <exception cref="ConvoyRedisConnectionException">No sentinel answers.</exception>
    public async Task<IReadOnlyList<ConvoyRedisEndpoint>> ReplicasAsync(CancellationToken cancellationToken)
    {
        var replicas = await AskAsync(SentinelCommands.Replicas(target.MasterName!), cancellationToken);
        return
        [
            .. from replica in replicas.Items
               where replica.Field("flags") == "slave"
               let endpoint = AnnouncedEndpoint.Read(replica.Field("ip"), replica.Field("port"))
               where endpoint is not null
               select endpoint.Value,
        ];
    }

    /// <summary>Orders a planned failover.</summary>
    /// <exception cref="ConvoyRedisConnectionException">No sentinel answers, or it refuses.</exception>
    public async Task FailoverAsync(CancellationToken cancellationToken) => await AskAsync(SentinelCommands.Failover(target.MasterName!), cancellationToken);

    private async Task<RespReply> AskAsync(string[] command, CancellationToken cancellationToken)
    {
        ConvoyRedisConnectionException? last = null;
        foreach (var sentinel in target.Endpoints)
        {
            try
            {
                using var transport = await sentinels.DialAsync(sentinel, cancellationToken);
                var reply = await transport.Resp.ExecuteAsync(command, cancellationToken)
                    .WaitAsync(target.ConnectTimeout, cancellationToken);
                return reply.IsError ? throw sentinels.Refused(sentinel, reply.Text!) : reply;
            }
            catch (ConvoyRedisConnectionException exception)
            {
                last = exception;
            }
            catch (Exception exception) when (exception is IOException or TimeoutException)
            {
                last = new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"Sentinel {sentinel}: {exception.Message}", exception);
            }
        }

        throw last!;
    }
}
