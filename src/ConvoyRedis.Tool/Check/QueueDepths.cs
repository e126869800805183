using System.Globalization;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>How many tasks each of Convoy's queues holds, by Asynq's keys.</summary>
internal static class QueueDepths
{
    private const string Queues = "asynq:queues";

    private static readonly (string State, string Command)[] States =
        [("pending", "LLEN"), ("active", "LLEN"), ("scheduled", "ZCARD"), ("retry", "ZCARD"), ("archived", "ZCARD")];

    /// <summary>Asks the masters; each key belongs to one of them.</summary>
    public static async Task<IEnumerable<CheckRow>> RowsAsync(Surveyor surveyor, DeploymentSurvey survey, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(surveyor.Patience);
        var masters = new List<NodeTransport>();
        try
        {
            foreach (var master in Owners(survey))
            {
                masters.Add(await surveyor.DialNodeAsync(master.Endpoint, patience.Token));
                await masters[^1].Resp.ExecuteAsync(["SELECT", $"{survey.Target.Database}"], patience.Token);
            }

            return await RowsAsync(masters, patience.Token);
        }
        catch (Exception exception) when (exception is ConvoyRedisConnectionException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [CheckSubject.Deployment.NotVisible(Queues, null)];
        }
        finally
        {
            foreach (var master in masters)
                master.Dispose();
        }
    }

    // On a deployment with sentinels a former master that does not know it yet has queues too, which nobody serves.
    private static IEnumerable<NodeAnswers> Owners(DeploymentSurvey survey) =>
        survey.Target.Topology == ConvoyRedisTopology.Sentinel ? survey.Masters.Where(node => node.Endpoint == survey.NamedMaster) : survey.Masters;

    private static async Task<IEnumerable<CheckRow>> RowsAsync(List<NodeTransport> masters, CancellationToken cancellationToken)
    {
        var names = await AskAsync(masters, ["SMEMBERS", Queues], cancellationToken);
        if (names is null or { IsError: true })
            return [CheckSubject.Deployment.NotVisible(Queues, null)];
        var rows = new List<CheckRow> { CheckSubject.Deployment.Show(Queues, $"{names.Items.Count}", names.Items.Count) };
        foreach (var queue in names.Items.Select(item => item.Text).OfType<string>().Order(StringComparer.Ordinal))
        {
            var subject = new CheckSubject(SubjectKind.Queue, queue);
            foreach (var (state, command) in States)
            {
                var depth = await AskAsync(masters, [command, $"asynq:{{{queue}}}:{state}"], cancellationToken);
                rows.Add(depth is { IsError: false, Text: { } text } && double.TryParse(text, CultureInfo.InvariantCulture, out var number)
                    ? subject.Show(state, text, number) : subject.NotVisible(state, null));
            }
        }

        return rows;
    }

    private static async Task<RespReply?> AskAsync(List<NodeTransport> masters, string[] command, CancellationToken cancellationToken)
    {
        RespReply? reply = null;
        foreach (var master in masters)
        {
            reply = await master.Resp.ExecuteAsync(command, cancellationToken);
            if (!reply.IsError || !reply.Text!.StartsWith("MOVED", StringComparison.Ordinal))
                return reply;
        }

        return reply;
    }
}
