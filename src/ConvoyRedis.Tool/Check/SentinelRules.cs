using System.Globalization;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Check;

/// <summary>The rows of the sentinels: each one's view, whether they agree, and whether they could fail over.</summary>
internal sealed class SentinelRules(DeploymentSurvey survey)
{
    /// <summary>A failover that failed is tried again only after twice the failover-timeout (Redis's sentinel.c).</summary>
    private const double LongestFailoverSeconds = 60;

    private const int FewestSentinels = 3;

    // The node that the sentinels name as the master, if it is none.
    private NodeAnswers? NamedReplica => survey.Nodes.FirstOrDefault(node => node.Endpoint == survey.NamedMaster && node is { Fault: null, Role: "slave" });

    private IEnumerable<SentinelAnswers> Answering => survey.Sentinels.Where(sentinel => sentinel.Fault is null);

    /// <summary>The rows of the deployment as a whole.</summary>
    public IEnumerable<CheckRow> OfDeployment()
    {
        var deployment = CheckSubject.Deployment;
        var named = Answering.Count(sentinel => sentinel.NamedMaster == survey.NamedMaster && survey.NamedMaster is not null);
        yield return deployment.Judge("master", survey.NamedMaster is not null && named == Answering.Count(),
            survey.NamedMaster is { } master ? $"{master}, by {named} of {survey.Sentinels.Count} sentinels" : "named by no sentinel", "all name the same",
            survey.NamedMaster is null ? $"No sentinel names the master. {Remedies.SentinelStart}"
                : $"{Dissenters()} If a failover is in progress, wait until it ends. If they still disagree: {Remedies.SentinelsDisagree}",
            survey.NamedMaster is null ? CheckStatus.Failure : CheckStatus.Warning);
        if (NamedReplica is { Info: { } info } replica)
        {
            var host = $"{info["master_host"]}:{info["master_port"]}";
            yield return deployment.Judge("named node", isOk: false, "replica", "master",
                $"{replica.Endpoint} is a replica of {host}. If a failover is in progress, wait until it ends. Otherwise {host} is the master. {Remedies.SentinelsForgot}",
                CheckStatus.Failure);
        }

        if (!Answering.Any())
            yield break;
        yield return deployment.Judge("sentinels", Count >= FewestSentinels, Number(Count), $">= {FewestSentinels}", Count == 2
            ? "Run 3, on 3 machines: with 2, the loss of one leaves no majority, and automatic failover stops."
            : "Run 3, on 3 machines: a single sentinel cannot fail over when its machine is lost, and no other one corrects its mistakes.", number: Count);
    }

    private string Dissenters() => string.Join(' ', Answering.Where(sentinel => sentinel.NamedMaster != survey.NamedMaster)
        .Select(sentinel => $"Sentinel {sentinel.Endpoint} names {sentinel.NamedMaster?.ToString() ?? "no usable address"}."));

    public IEnumerable<CheckRow> Rows(SentinelAnswers sentinel)
    {
        var subject = new CheckSubject(SubjectKind.Sentinel, sentinel.Endpoint.ToString());
        if (sentinel.Fault is { } fault)
        {
            yield return subject.Judge("link", isOk: false, "down", "answers", fault.IsFinal ? fault.Message : $"{fault.Message} {Remedies.Sentinel}",
                Answering.Any() ? CheckStatus.Warning : CheckStatus.Failure);
            yield break;
        }

        yield return subject.Show("link", "answers");
        yield return Master(subject, sentinel.Master);
        var inSync = sentinel.Replicas.Count(replica => replica.Field("flags") == "slave" && replica.Field("master-link-status") == "ok");
        yield return subject.Judge("replicas", inSync == sentinel.Replicas.Count && inSync > 0, $"{inSync} of {sentinel.Replicas.Count} in sync",
            "all in sync", sentinel.Replicas.Count == 0 ? "Add replicas: there is nothing to fail over to." : Remedies.ReplicaDown, number: inSync);
        var others = Setting(sentinel, "num-other-sentinels") + 1;
        yield return subject.Judge("sentinels", others == Count, $"knows {Number(others)}", Number(Count), Remedies.Quorum, number: others);
        yield return Quorum(subject, sentinel.Quorum);
        yield return QuorumSetting(subject, Setting(sentinel, "quorum"));
        yield return DownAfter(subject, sentinel);
        yield return FailoverTimeout(subject, sentinel);
        foreach (var row in NodeRules.Certificate(subject, sentinel.CertificateExpires))
            yield return row;
    }

    // Those that are known by id; one that does not answer and is known to nobody is counted by its address.
    private int Count => Math.Max(survey.Sentinels.Count,
        Answering.Select(sentinel => (int)Setting(sentinel, "num-other-sentinels") + 1).DefaultIfEmpty().Max());

    private static CheckRow Master(CheckSubject subject, RespReply reply)
    {
        var flags = reply.Field("flags") ?? "";
        return subject.Judge("masters", flags == "master", flags, "master", MonitoredMaster.Read(reply).IsDownForThisSentinelOnly
            ? $"It {MonitoredMaster.DownForOneOnly}. {Remedies.Quorum}"
            : "Wait: a failover is due or in progress.", CheckStatus.Failure);
    }

    private static CheckRow Quorum(CheckSubject subject, RespReply reply) =>
        subject.Judge("ckquorum", !reply.IsError, reply.Text?.Split(' ')[0] ?? "", "OK", $"{reply.Text} {Remedies.Quorum}", CheckStatus.Failure);

    private CheckRow QuorumSetting(CheckSubject subject, double quorum)
    {
        var majority = (Count / 2) + 1;
        return subject.Judge("quorum", quorum == majority, Number(quorum), Number(majority), quorum < majority
            ? $"Set it to {majority}: with a lower quorum, too few sentinels decide that the master is down, although only a majority can fail over."
            : $"Set it to {majority}: with a higher quorum, losing {Number(Count - quorum + 1)} of the sentinels already prevents a failover.",
            number: quorum);
    }

    private CheckRow DownAfter(CheckSubject subject, SentinelAnswers sentinel)
    {
        var seconds = Setting(sentinel, "down-after-milliseconds") / 1000;
        var patience = survey.Target.CommandTimeout.TotalSeconds;
        var isAgreed = IsAgreed("down-after-milliseconds");
        return subject.Judge("down-after", isAgreed && seconds < patience, $"{Number(seconds)} s", $"< {Number(patience)} s", isAgreed
            ? $"Lower it, or raise command_timeout ({Number(patience)} s): otherwise commands time out before a failover starts."
            : "Set the same value on every sentinel.", number: seconds);
    }

    private CheckRow FailoverTimeout(CheckSubject subject, SentinelAnswers sentinel)
    {
        var seconds = Setting(sentinel, "failover-timeout") / 1000;
        var isAgreed = IsAgreed("failover-timeout");
        return subject.Judge("failover-timeout", isAgreed && seconds <= LongestFailoverSeconds, $"{Number(seconds)} s", $"<= {LongestFailoverSeconds} s",
            isAgreed ? "Lower it (guide: 30 s): Sentinel retries a failed failover only after twice this time." : "Set the same value on every sentinel.",
            number: seconds);
    }

    private bool IsAgreed(string name) => Answering.Select(sentinel => sentinel.Master.Field(name)).Distinct().Count() == 1;

    private static double Setting(SentinelAnswers sentinel, string name) =>
        double.TryParse(sentinel.Master.Field(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
