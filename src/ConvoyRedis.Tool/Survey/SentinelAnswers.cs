using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Tool.Survey;

/// <summary>What a sentinel said of the deployment, or why it said nothing.</summary>
internal sealed record SentinelAnswers(ConvoyRedisEndpoint Endpoint)
{
    /// <summary>Why there is no answer; null when there is one.</summary>
    public ConvoyRedisConnectionException? Fault { get; init; }

    /// <summary>The id by which other sentinels know it.</summary>
    public string? Id { get; init; }

    /// <summary>SENTINEL MASTER: what it believes of the master, and its settings.</summary>
    public RespReply Master { get; init; } = RespReply.Null;

    /// <summary>The master that it names to clients; null when it names none.</summary>
    public ConvoyRedisEndpoint? NamedMaster { get; init; }

    /// <summary>SENTINEL REPLICAS.</summary>
    public IReadOnlyList<RespReply> Replicas { get; init; } = [];

    /// <summary>SENTINEL SENTINELS: the other sentinels, as it knows them.</summary>
    public IReadOnlyList<RespReply> Others { get; init; } = [];

    /// <summary>Its reply to SENTINEL CKQUORUM, as it may be shown.</summary>
    public RespReply Quorum { get; init; } = RespReply.Null;

    public DateTime? CertificateExpires { get; init; }

    /// <summary>Whether most of those that list a sentinel at its address list another one there.</summary>
    public bool IsAnotherThanListedBy(IReadOnlyList<SentinelAnswers> sentinels)
    {
        var ids = sentinels.Where(other => other != this).Select(other => other.Others
                .Where(peer => AnnouncedEndpoint.Read(peer.Field("ip"), peer.Field("port")) == Endpoint).Select(peer => peer.Field("runid")).ToList())
            .Where(ids => ids.Count > 0).ToList();
        return Id is not null && ids.Count(listed => !listed.Contains(Id)) * 2 > ids.Count;
    }
}
