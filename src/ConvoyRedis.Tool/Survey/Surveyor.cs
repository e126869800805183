using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Health;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Tool.Survey;

/// <summary>
/// Asks every server of a deployment, all at once: first the sentinels, which name the nodes, then the nodes and the sentinels that only others
/// name. One that does not answer costs the patience, and nobody else's answer.
/// </summary>
internal sealed class Surveyor : IDisposable
{
    /// <summary>How long one server may take for everything that it is asked.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(1.5);

    private readonly ConvoyRedisTarget _target;
    private readonly DeploymentDialers _dialers;

    /// <summary>Reads the certificates; asks nobody yet.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="patience">How long one server may take for everything that it is asked.</param>
    /// <exception cref="ConvoyRedisConnectionException">A certificate file cannot be read.</exception>
    public Surveyor(ConvoyRedisTarget target, TimeSpan patience)
    {
        Patience = patience;
        _target = target;
        _dialers = new DeploymentDialers(target, TimeProvider.System);
    }

    public TimeSpan Patience { get; }

    /// <summary>Asks.</summary>
    /// <param name="settings">The settings that nodes are asked for.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<DeploymentSurvey> AskAsync(IReadOnlyList<string> settings, CancellationToken cancellationToken)
    {
        Task<NodeAnswers[]> Nodes(IEnumerable<ConvoyRedisEndpoint> nodes) =>
            Task.WhenAll(nodes.Select(node => AskNodeAsync(node, settings, cancellationToken)));
        Task<SentinelAnswers[]> Sentinels(IEnumerable<ConvoyRedisEndpoint> sentinels) =>
            Task.WhenAll(sentinels.Select(sentinel => AskSentinelAsync(sentinel, cancellationToken)));

        if (_target.Topology == ConvoyRedisTopology.Standalone)
        {
            var alone = await Nodes(_target.Endpoints);
            if (alone[0].Info?["cluster_enabled"] != "1")
                return new DeploymentSurvey(_target, [], [.. alone, .. await Nodes(_target.ReplicaAddresses.Except(_target.Endpoints))]);
            using var cluster = new Surveyor(_target.AsCluster(), Patience);
            return await cluster.AskAsync(settings, cancellationToken);
        }

        if (_target.Topology == ConvoyRedisTopology.Cluster)
        {
            var configured = await Nodes(_target.Endpoints);
            return new DeploymentSurvey(_target, [], [.. configured, .. await Nodes(OthersThan(configured))]);
        }

        var linked = Own(await Sentinels(_target.Endpoints));
        var others = Sentinels(OthersThan(linked));
        var nodes = await Nodes(KnownNodes(linked));
        return new DeploymentSurvey(_target, Own([.. linked, .. await others]), nodes);
    }

    /// <summary>Opens a connection to a node, for further questions.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The node was not reached, or refused the connection.</exception>
    public Task<NodeTransport> DialNodeAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken) =>
        _dialers.Nodes.DialAsync(node, cancellationToken);

    /// <summary>Opens a connection to a sentinel, for its events.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The sentinel was not reached, or refused us.</exception>
    public Task<NodeTransport> DialSentinelAsync(ConvoyRedisEndpoint sentinel, CancellationToken cancellationToken) =>
        _dialers.Sentinels.DialAsync(sentinel, cancellationToken);

    public void Dispose() => _dialers.Dispose();

    /// <summary>Sends all commands at once and reads their replies.</summary>
    public static async Task<IReadOnlyList<RespReply>> ExecuteAsync(
        NodeTransport transport, IReadOnlyCollection<string[]> commands, CancellationToken cancellationToken)
    {
        foreach (var command in commands)
            await transport.Resp.SendAsync(command, cancellationToken);
        var replies = new List<RespReply>(commands.Count);
        while (replies.Count < commands.Count)
            replies.Add(await transport.Resp.ReadAsync(cancellationToken));
        return replies;
    }

    private Task<NodeAnswers> AskNodeAsync(ConvoyRedisEndpoint node, IReadOnlyList<string> settings, CancellationToken cancellationToken) =>
        AskAsync(_dialers.Nodes, node, fault => new NodeAnswers(node) { Fault = fault }, async (transport, token) =>
        {
            var began = Stopwatch.GetTimestamp();
            var isMaster = NodeAnswers.IsTakenForMaster(transport.Role[0]);
            var isCluster = _target.Topology == ConvoyRedisTopology.Cluster;
            string[][] commands =
            [
                ["INFO"],
                isMaster ? ["SETRANGE", ConvoyRedisHealthCheck.Key, "0", ""] : ["PING"],
                isCluster ? ["CLUSTER", "INFO"] : ["PING"],
                isCluster ? ["CLUSTER", "NODES"] : ["PING"],
                .. settings.Select(setting => (string[])["CONFIG", "GET", setting]),
            ];
            var replies = await ExecuteAsync(transport, commands, token);
            var info = NodeInfo.From(replies[0]);

            // Where ROLE is refused, INFO says it, and otherwise the reply to the write.
            var role = transport.Role[0] ?? info?["role"] ?? (replies[1].IsError && replies[1].Text!.StartsWith("READONLY", StringComparison.Ordinal) ? "slave" : null);
            return new NodeAnswers(node)
            {
                Role = role,
                Latency = Stopwatch.GetElapsedTime(began),
                Info = info,
                WriteRefusal = NodeAnswers.IsTakenForMaster(role) && IsRefusal(replies[1]) ? _dialers.Nodes.Shown(replies[1].Text!) : null,
                Cluster = isCluster ? NodeInfo.From(replies[2]) : null,
                Layout = isCluster ? ClusterLayout.Read(Text(replies[3])) : null,
                Settings = replies.Skip(commands.Length - settings.Count).Where(reply => reply.Items.Count == 2 && reply[0] is not null && reply[1] is not null)
                    .DistinctBy(reply => reply[0]).ToDictionary(reply => reply[0]!, reply => reply[1]!),
                CertificateExpires = Expiry(transport),
            };
        }, cancellationToken);

    private Task<SentinelAnswers> AskSentinelAsync(ConvoyRedisEndpoint sentinel, CancellationToken cancellationToken) =>
        AskAsync(_dialers.Sentinels, sentinel, fault => new SentinelAnswers(sentinel) { Fault = fault }, async (transport, token) =>
        {
            var name = _target.MasterName!;
            var replies = await ExecuteAsync(transport,
            [
                SentinelCommands.Master(name), SentinelCommands.MasterAddress(name), SentinelCommands.Replicas(name), SentinelCommands.Sentinels(name),
                SentinelCommands.Quorum(name), SentinelCommands.Id, SentinelCommands.Masters,
            ], token);
            if (replies[0].IsError)
                throw Unknown(sentinel, name, replies[0].Text!, replies[6]);
            return new SentinelAnswers(sentinel)
            {
                Master = replies[0],
                NamedMaster = AnnouncedEndpoint.Read(replies[1][0], replies[1][1]),
                Replicas = replies[2].Items,
                Others = replies[3].Items,
                Quorum = replies[4] with { Text = replies[4].Text is { } said ? _dialers.Sentinels.Shown(said) : null },
                Id = Text(replies[5]),
                CertificateExpires = Expiry(transport),
            };
        }, cancellationToken);

    private async Task<T> AskAsync<T>(
        NodeDialer dialer, ConvoyRedisEndpoint server, Func<ConvoyRedisConnectionException, T> failed,
        Func<NodeTransport, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var transport = await dialer.DialAsync(server, patience.Token);
            return await ask(transport, patience.Token);
        }
        catch (ConvoyRedisConnectionException fault)
        {
            return failed(fault);
        }
        catch (IOException exception)
        {
            return failed(new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"{server}: {exception.Message}", exception));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            return failed(new ConvoyRedisConnectionException(
                ConvoyRedisFault.Unreachable, $"{server} did not answer within {Patience.TotalSeconds} s.", exception));
        }
    }

    private ConvoyRedisConnectionException Unknown(ConvoyRedisEndpoint sentinel, string name, string error, RespReply masters) =>
        error.Contains("No such master", StringComparison.OrdinalIgnoreCase)
            ? UnknownMaster.Explain(sentinel, name, masters, _dialers.Sentinels) : _dialers.Sentinels.Refused(sentinel, error);

    // Denied: the user may not write that key. MOVED, ASK: it belongs to another node of a cluster. Either way it was answered.
    private static bool IsRefusal(RespReply reply) =>
        reply.IsError && !NodeRefusal.IsDenied(reply.Text!) && reply.Text!.Split(' ')[0] is not ("MOVED" or "ASK");

    private static string? Text(RespReply reply) => reply.IsError ? null : reply.Text;

    private static DateTime? Expiry(NodeTransport transport) =>
        transport.Stream is SslStream { RemoteCertificate: X509Certificate2 certificate } ? certificate.NotAfter.ToUniversalTime() : null;

    private static IEnumerable<ConvoyRedisEndpoint> KnownNodes(IReadOnlyList<SentinelAnswers> sentinels)
    {
        var replicas = sentinels.SelectMany(sentinel => sentinel.Replicas).Select(Endpoint);
        return replicas.Prepend(DeploymentSurvey.Majority(sentinels)).OfType<ConvoyRedisEndpoint>().Distinct()
            .OrderBy(node => node.Host, StringComparer.Ordinal).ThenBy(node => node.Port);
    }

    // One that answers where most of the others list another one has no say.
    private static IReadOnlyList<SentinelAnswers> Own(IReadOnlyList<SentinelAnswers> sentinels) =>
        [.. sentinels.Select(sentinel => sentinel.IsAnotherThanListedBy(sentinels) ? new SentinelAnswers(sentinel.Endpoint) { Fault = SentinelLink.AnotherAt(sentinel.Endpoint) } : sentinel)];

    private static IEnumerable<ConvoyRedisEndpoint> OthersThan(IReadOnlyList<SentinelAnswers> linked) =>
        linked.SelectMany(sentinel => sentinel.Others).Where(other => linked.All(sentinel => sentinel.Id != other.Field("runid")))
            .Select(Endpoint).OfType<ConvoyRedisEndpoint>().Distinct().Except(linked.Select(sentinel => sentinel.Endpoint));

    // The nodes that the cluster names beyond those that were asked; a node is known by its id, whatever the address it was asked at.
    private static IEnumerable<ConvoyRedisEndpoint> OthersThan(IReadOnlyList<NodeAnswers> configured)
    {
        List<ClusterLayout> views = [.. configured.Select(node => node.Layout).OfType<ClusterLayout>()];
        var asked = views.Select(view => view.Myself?.Id).ToHashSet();
        return views.SelectMany(view => view.Nodes).Where(node => !asked.Contains(node.Id) && !configured.Any(other => node.IsAt(other.Endpoint)))
            .DistinctBy(node => node.Id).Select(node => node.Endpoint);
    }

    private static ConvoyRedisEndpoint? Endpoint(RespReply fields) => AnnouncedEndpoint.Read(fields.Field("ip"), fields.Field("port"));
}
