using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>Does one fault to a fresh deployment while clients write (or read), each in a process of its own.</summary>
internal static class FailoverMeasurement
{
    private static readonly TimeSpan LongestConnect = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan After = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>A client that has written nothing on the new master for this long never comes back.</summary>
    /// <param name="isQuick">Whether the magnitude is enough.</param>
    public static TimeSpan Limit(bool isQuick) => TimeSpan.FromSeconds(isQuick ? 15 : 30);

    /// <summary>
    /// A run for each of the clients, or null when the deployment did something else: it failed over once more (on a busy machine sentinels may take
    /// the new master for down), or not at all (two of them that split their votes wait for twice the failover-timeout).
    /// </summary>
    public static async Task<IReadOnlyList<FailoverRun>?> MeasureAsync(
        IReadOnlyList<Contender> contenders, Scenario scenario, TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var lab = await scenario.StartAsync(cancellationToken);
        var clients = new List<ClientProcess>();
        try
        {
            foreach (var contender in contenders)
            {
                clients.Add(await ClientProcess.StartAsync(contender));
                if (await clients[^1].ConnectAsync(lab.Deployment, LongestConnect) is null)
                    throw new InvalidOperationException($"{contender.Name} does not connect to a healthy deployment.");
            }

            clients.ForEach(client => Begin(client, scenario));
            await Task.Delay(Before, cancellationToken);
            if (await lab.FailOverAsync(cancellationToken) is not { } takeover)
                return null;
            var firsts = await Task.WhenAll(clients.Select(client => FirstAsync(client, lab.Master, takeover.Promotion, scenario, limit, cancellationToken)));
            await Task.Delay(After, cancellationToken);
            await Task.WhenAll(clients.Select(client => client.StopAsync()));
            if (!await lab.IsStillMasterAsync(takeover.Promotion.Node, cancellationToken))
                return null;

            var runs = new List<FailoverRun>();
            foreach (var (client, first) in clients.Zip(firsts))
                runs.Add(await FailoverEvaluation.EvaluateAsync(client, scenario, takeover, first, lab.Events, cancellationToken));
            return runs;
        }
        finally
        {
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private static void Begin(ClientProcess client, Scenario scenario)
    {
        if (scenario.IsReading)
            client.BeginReading(EndpointLab.NodeKey);
        else
            client.BeginWriting();
    }

    private static async Task<long?> FirstAsync(
        ClientProcess client, RedisServer old, Promotion promotion, Scenario scenario, TimeSpan limit, CancellationToken cancellationToken)
    {
        var looked = 0;
        while (Stopwatch.GetElapsedTime(promotion.Timestamp) < limit)
        {
            foreach (var call in client.Writes.Skip(looked).ToList())
            {
                looked++;
                if (call.Error is not null || call.Ended < FailoverEvaluation.Instant(promotion))
                    continue;
                if (scenario.IsReading ? call.Key == EndpointLab.NewNode : await IsWrittenThereAsync(call, old, promotion, cancellationToken))
                    return call.Ended;
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return null;
    }

    // Since its promotion the new master copies nobody: what began after it and is there was written there. What began before it may have come
    // from the old master; not, if that does not have it.
    private static async Task<bool> IsWrittenThereAsync(Write write, RedisServer old, Promotion promotion, CancellationToken cancellationToken) =>
        await HasAsync(promotion.Node, write, cancellationToken)
        && (write.Began >= FailoverEvaluation.Instant(promotion) || !await HasAsync(old, write, cancellationToken));

    // A node that just becomes a replica, which ends its connections, will have whatever the master has.
    private static async Task<bool> HasAsync(RedisServer node, Write write, CancellationToken cancellationToken)
    {
        try
        {
            return node is { IsRunning: true, IsHung: false } && (await node.ExecuteAsync(["EXISTS", write.Key], cancellationToken)).Text == "1";
        }
        catch (IOException)
        {
            return true;
        }
    }
}
