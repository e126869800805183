using System.Globalization;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Detects from a master's replies to ROLE, one each second, which of its replicas fall behind: a disconnected replica is no longer listed,
/// or no longer acknowledges.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="bound">How long a replica may be behind.</param>
internal sealed class ReplicaLag(TimeProvider time, TimeSpan bound)
{
    /// <summary>How long a replica may be behind: the guide's healthy range of <c>master_last_io_seconds_ago</c>.</summary>
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many bytes a replica copies between the order of a promotion and the promotion, 52 ms at least (a tick of Sentinel): a gigabit network needs 33 ms.
    /// </summary>
    public const long CopiedInAnInstant = 4 * 1024 * 1024;

    /// <summary>How long a planned failover takes from its beginning to the order of the promotion: up to two ticks of Sentinel, of 100 ms at most.</summary>
    private static readonly TimeSpan LongestUntilTheOrder = TimeSpan.FromMilliseconds(200);

    /// <summary>A replica acknowledges once a second: it is in sync if it has the data that the master had this many polls ago.</summary>
    private const int Slack = 5;

    /// <summary>The maximum number of tracked replicas. A master has few; one that always lists new ones must not fill the memory.</summary>
    public const int MostReplicas = 256;

    private readonly Queue<(long At, long Offset)> _offsets = [];
    private readonly Dictionary<string, Replica> _replicas = [];

    /// <summary>Notes a reply.</summary>
    /// <returns>The replicas that have fallen behind, or are in sync again.</returns>
    public IReadOnlyList<(string Address, bool IsBehind)> Observe(RespReply role)
    {
        if (role.Items.Count < 3)
            return [];
        _offsets.Enqueue((time.GetTimestamp(), Offset(role[1])));
        if (_offsets.Count > Slack)
            _offsets.Dequeue();
        foreach (var replica in role.Items[2].Items)
        {
            if (AnnouncedEndpoint.Read(replica[0], replica[1]) is not { } endpoint)
                continue;
            var address = $"{endpoint}";
            if (!_replicas.TryGetValue(address, out var known) && _replicas.Count == MostReplicas)
                continue;
            if (known is null)
                _replicas[address] = known = new Replica { InSync = time.GetTimestamp() };
            if (Offset(replica[2]) >= _offsets.Peek().Offset)
                known.InSync = time.GetTimestamp();
        }

        var changed = new List<(string, bool)>();
        foreach (var (address, replica) in _replicas)
        {
            var isBehind = time.GetElapsedTime(replica.InSync) > bound;
            if (isBehind != replica.IsBehind)
                changed.Add((address, replica.IsBehind = isBehind));
        }

        return changed;
    }

    /// <summary>Whether a replica is behind, as far as it is known.</summary>
    public bool IsBehind(ConvoyRedisEndpoint replica) => _replicas.GetValueOrDefault($"{replica}") is { IsBehind: true };

    /// <summary>
    /// How many bytes a replica may lack when the promotion is ordered, in a failover that begins with this reply, which was noted: what the last of them
    /// has not acknowledged, and what the master writes until then if it goes on as fast as in any of the last seconds.
    /// </summary>
    public long LackedAtTheOrder(RespReply role)
    {
        if (role.Items.Count < 3 || role.Items[2].Items.Count == 0)
            return 0;
        var (offset, fastest) = (Offset(role[1]), 0.0);
        foreach (var known in _offsets)
        {
            if (time.GetElapsedTime(known.At) is { Ticks: > 0 } since)
                fastest = Math.Max(fastest, (offset - known.Offset) / since.TotalSeconds);
        }

        return offset - role.Items[2].Items.Min(replica => Offset(replica[2])) + (long)(fastest * LongestUntilTheOrder.TotalSeconds);
    }

    /// <summary>Notes a reply, and logs which replicas have fallen behind, or are in sync again.</summary>
    public void Report(RespReply role, ConvoyRedisEndpoint master, NodeDialer dialer, ILogger logger)
    {
        foreach (var (address, isBehind) in Observe(role))
        {
            if (isBehind)
                Log.ReplicaBehind(logger, dialer.Shown(address), master, Bound.TotalSeconds, Remedies.ReplicaDown);
            else
                Log.ReplicaCaughtUp(logger, dialer.Shown(address), master);
        }
    }

    private static long Offset(string? text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var offset) ? offset : 0;

    private sealed class Replica
    {
        public long InSync { get; set; }

        public bool IsBehind { get; set; }
    }
}
