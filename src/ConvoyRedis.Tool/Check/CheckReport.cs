using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>Everything that was looked at.</summary>
/// <param name="Target">The deployment, without secrets.</param>
/// <param name="TookMs">How long it took.</param>
/// <param name="Rows">The rows: the deployment's, the sentinels', the shards', the nodes', the queues'.</param>
internal sealed record CheckReport(string Target, double TookMs, IReadOnlyList<CheckRow> Rows)
{
    private static readonly JsonSerializerOptions Machine = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions OneLine = new(Machine) { WriteIndented = false };

    /// <summary>The worst row's.</summary>
    public CheckStatus Status => Rows.Max(row => row.Status) is var worst and not CheckStatus.NotVisible ? worst : CheckStatus.Ok;

    /// <summary>What the command exits with.</summary>
    [JsonIgnore]
    public int ExitCode => Status switch
    {
        CheckStatus.Failure => CommandLine.ExitCode.Failed,
        CheckStatus.Warning => CommandLine.ExitCode.Warnings,
        _ => CommandLine.ExitCode.Ok,
    };

    /// <summary>Judges a survey.</summary>
    public static IReadOnlyList<CheckRow> Judge(DeploymentSurvey survey, Workload workload, IEnumerable<CheckRow> queues)
    {
        var sentinels = new SentinelRules(survey);
        var nodes = new NodeRules(survey, workload);
        var warnings = survey.Target.Warnings.Select(warning => CheckSubject.Deployment.Judge("settings", isOk: false, "unclear", null, warning));
        var whole = survey.Target.Topology switch
        {
            ConvoyRedisTopology.Sentinel => sentinels.OfDeployment(),
            ConvoyRedisTopology.Cluster => new ClusterRules(survey).Rows(),
            _ => [],
        };
        var shards = survey.Cluster is { } cluster ? new ShardRules(cluster).Rows() : [];
        IEnumerable<CheckRow> rows =
            [.. warnings, .. whole, .. survey.Sentinels.SelectMany(sentinels.Rows), .. shards, .. survey.Nodes.SelectMany(nodes.Rows), .. queues];

        // Names and values are what servers said.
        string Shown(string text) => ServerText.Shown(text, survey.Target);
        return [.. rows.Select(row => row with { Subject = Shown(row.Subject), Value = Shown(row.Value) })];
    }

    /// <summary>What is wrong, the worst first.</summary>
    [JsonIgnore]
    public IEnumerable<CheckRow> Troubles => Rows.Where(row => row.Action is not null).OrderByDescending(row => row.Status);

    /// <param name="isIndented">Whether people may read it; otherwise it is one line.</param>
    public string ToJson(bool isIndented) => JsonSerializer.Serialize(this, isIndented ? Machine : OneLine);
}
