using System.Globalization;
using ConvoyRedis.Shared;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Health;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>The rows of one data node: whether it answers, its role, the guide's eight metrics, and what else shows on it.</summary>
/// <param name="survey">What everybody said.</param>
/// <param name="workload">What is usual here.</param>
internal sealed class NodeRules(DeploymentSurvey survey, Workload workload)
{
    private const double HealthyMemoryPercent = 75;
    private const double HealthyLagSeconds = 10;
    private const double HealthyShareOfClients = 0.8;
    private const double CertificateWarningDays = 30;
    private const double CertificateFailureDays = 7;

    private static readonly Version OldestVersion = new(7, 0);

    public IEnumerable<CheckRow> Rows(NodeAnswers node)
    {
        var subject = new CheckSubject(SubjectKind.Node, node.Endpoint.ToString());
        if (node.Fault is { } fault)
        {
            var isLoading = fault.Fault == ConvoyRedisFault.Loading;
            return
            [
                subject.Judge("ping", isOk: false, isLoading ? "loading" : "down", "PONG", isLoading || fault.IsFinal ? fault.Message
                    : $"{fault.Message} Check that redis-server runs there and is reachable from here.", CheckStatus.Failure),
                .. Marks(subject, node),
            ];
        }

        return
        [
            subject.Show("ping", string.Create(CultureInfo.InvariantCulture, $"{node.Latency.TotalMilliseconds:0.0} ms"), node.Latency.TotalMilliseconds),
            Role(subject, node),
            .. Marks(subject, node),
            .. node.IsMaster ? OfMaster(subject, node) : OfReplica(subject, node),
            .. Metrics(subject, node.Info),
            DiskUse.Row(subject, node),
            .. SettingRule.Rows(subject, survey.Target, node.Settings),
            Version(subject, node.Info),
            .. Certificate(subject, node.CertificateExpires),
        ];
    }

    /// <summary>When a server's certificate expires; nothing without TLS.</summary>
    public static IEnumerable<CheckRow> Certificate(CheckSubject subject, DateTime? expires)
    {
        if (expires is { } date)
        {
            yield return subject.Measure("certificate", Math.Floor((date - DateTime.UtcNow).TotalDays), " days left",
                days => days < CertificateFailureDays ? CheckStatus.Failure : days < CertificateWarningDays ? CheckStatus.Warning : CheckStatus.Ok,
                $"> {CertificateWarningDays} days", $"Renew it: it expires on {date:yyyy-MM-dd}, and then clients can no longer connect.");
        }
    }

    private CheckRow Role(CheckSubject subject, NodeAnswers node)
    {
        CheckRow Should(string role, string action) => subject.Judge("role", node.Role == role, Shown(node.Role), Shown(role), action, CheckStatus.Failure);
        if (node.Role is null)
            return subject.NotVisible("role", null);
        return survey.Target.Topology switch
        {
            ConvoyRedisTopology.Standalone when survey.Target.ReplicaAddresses.Contains(node.Endpoint) =>
                Should("slave", "Nothing is read from this node of replica_addresses: the master answers in its place."),
            ConvoyRedisTopology.Standalone => Should("master", Remedies.ReadOnly),
            ConvoyRedisTopology.Cluster => subject.Show("role", Shown(node.Role)),
            _ when node.Endpoint == survey.NamedMaster => Should("master", "Wait until the failover ends: the sentinels name this node as the master."),
            _ when node.IsMaster && survey.Nodes.Any(named => named.Endpoint == survey.NamedMaster && named.IsReplicaOf(node.Endpoint)) =>
                Should("slave", "The node that the sentinels name is a replica of this one, and clients of the library stay here. Let the sentinels know this master."),
            _ => Should("slave", "Do not write to this node: the sentinels name another master, and these writes are lost when they demote it."),
        };
    }

    // By the other nodes of its cluster, over the cluster bus.
    private IEnumerable<CheckRow> Marks(CheckSubject subject, NodeAnswers node)
    {
        if (survey.Cluster is not { } cluster || cluster.Find(node) is not { } member || cluster.MarksOf(member) is not (var marks, var others and > 0))
            yield break;
        yield return subject.Judge("marked fail", marks == 0, marks == 0 ? "no" : $"by {marks} of {others} nodes", "no",
            $"{Remedies.ClusterBus} A master that most of them mark is replaced; a replica that they mark cannot take over.", number: marks);
    }

    private IEnumerable<CheckRow> OfMaster(CheckSubject subject, NodeAnswers node)
    {
        yield return subject.Judge("writes", node.WriteRefusal is null, node.WriteRefusal?.Split(' ')[0] ?? "accepted", "accepted",
            $"{node.WriteRefusal} {Remedies.ForError(node.WriteRefusal ?? "")}".TrimEnd(), CheckStatus.Failure);
        var expected = survey.Target.Topology == ConvoyRedisTopology.Standalone ? 0 : Math.Max(1, survey.KnownReplicas ?? 1);
        yield return subject.Measure("connected_slaves", node.Info?.Number("connected_slaves"), "",
            connected => connected >= expected ? CheckStatus.Ok : CheckStatus.Warning, expected == 0 ? null : $">= {expected}", Remedies.ReplicaDown);
    }

    private static IEnumerable<CheckRow> OfReplica(CheckSubject subject, NodeAnswers node)
    {
        var isUp = node.Info?["master_link_status"];
        yield return isUp is null ? subject.NotVisible("master_link_status", "up")
            : subject.Judge("master_link_status", isUp == "up", isUp, "up", Remedies.ReplicaDown);

        // While the link is down there is no last word, and how long it has been down is the lag.
        var silence = isUp == "down" ? node.Info?.Number("master_link_down_since_seconds") : node.Info?.Number("master_last_io_seconds_ago");
        yield return subject.Measure("master_last_io_seconds_ago", silence, " s",
            seconds => seconds > NodeFindings.LagBound.TotalSeconds ? CheckStatus.Failure
                : seconds is >= HealthyLagSeconds or < 0 ? CheckStatus.Warning : CheckStatus.Ok,
            $"< {HealthyLagSeconds} s", Remedies.ReplicaDown);
    }

    private IEnumerable<CheckRow> Metrics(CheckSubject subject, NodeInfo? info)
    {
        yield return info?.Number("used_memory") is { } used && info.MemoryShare is null
            ? subject.Show("used_memory", Size.Text(used))
            : subject.Measure("used_memory", info?.MemoryShare * 100, " %",
                percent => percent > NodeFindings.MemoryBound * 100 ? CheckStatus.Failure
                    : percent >= HealthyMemoryPercent ? CheckStatus.Warning : CheckStatus.Ok,
                $"< {HealthyMemoryPercent} % of maxmemory", Remedies.OutOfMemory);
        var mostClients = workload.MostClients ?? info?.Number("maxclients") * HealthyShareOfClients;
        yield return subject.Measure("connected_clients", info?.Number("connected_clients"), "",
            clients => clients > mostClients ? CheckStatus.Warning : CheckStatus.Ok, $"stable, <= {mostClients:0}", Remedies.Clients);
        yield return subject.Measure("instantaneous_ops_per_sec", info?.Number("instantaneous_ops_per_sec"), "",
            operations => operations > workload.MostOperations ? CheckStatus.Warning : CheckStatus.Ok,
            workload.MostOperations is { } most ? $"<= {most}" : "as usual", Remedies.Operations);
        yield return subject.Measure("rejected_connections", info?.Number("rejected_connections"), "",
            rejected => rejected > 0 ? CheckStatus.Warning : CheckStatus.Ok, "0", Remedies.RejectedConnections);
        foreach (var state in (string[])["rdb_last_bgsave_status", "aof_last_bgrewrite_status"])
        {
            yield return info?[state] is { } value ? subject.Judge(state, value == "ok", value, "ok", Remedies.Persistence, CheckStatus.Failure)
                : subject.NotVisible(state, "ok");
        }
    }

    private static CheckRow Version(CheckSubject subject, NodeInfo? info) => info?["redis_version"] is { } version
        ? subject.Judge("redis_version", System.Version.TryParse(version, out var number) && number >= OldestVersion, version, $">= {OldestVersion}",
            $"Upgrade to {OldestVersion} or later.")
        : subject.NotVisible("redis_version", $">= {OldestVersion}");

    private static string Shown(string? role) => role == "slave" ? "replica" : $"{role}";
}
