using ConvoyRedis.Client;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Tool.Survey;

/// <summary>What a data node said of itself, or why it said nothing. What its user may not see is null.</summary>
internal sealed record NodeAnswers(ConvoyRedisEndpoint Endpoint)
{
    /// <summary>Why there is no answer; null when there is one.</summary>
    public ConvoyRedisConnectionException? Fault { get; init; }

    /// <summary><c>master</c> or <c>slave</c>, as ROLE, INFO or the reply to a write has it.</summary>
    public string? Role { get; init; }

    /// <summary>Whether it answers, and is the master for all that is known.</summary>
    public bool IsMaster => Fault is null && IsTakenForMaster(Role);

    /// <summary>The time that dialling, logging in and one answer took.</summary>
    public TimeSpan Latency { get; init; }

    public NodeInfo? Info { get; init; }

    /// <summary>The settings that were asked for and are visible here (CONFIG GET).</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The error with which a master refuses a write, as it may be shown; null when it takes one.</summary>
    public string? WriteRefusal { get; init; }

    /// <summary>CLUSTER INFO; null where there is no cluster.</summary>
    public NodeInfo? Cluster { get; init; }

    /// <summary>CLUSTER NODES; null where there is no cluster.</summary>
    public ClusterLayout? Layout { get; init; }

    /// <summary>When the certificate that it showed expires; null without TLS.</summary>
    public DateTime? CertificateExpires { get; init; }

    /// <summary>Whether it says that it is a replica of this node.</summary>
    public bool IsReplicaOf(ConvoyRedisEndpoint master) =>
        Role == "slave" && Info?["master_host"] == master.Host && Info["master_port"] == $"{master.Port}";

    public static bool IsTakenForMaster(string? role) => role is null or "master";
}
