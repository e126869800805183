using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>
/// A fixed endpoint, as a provider has it: a name that leads to the master, and later to the replica that takes over. Connections that stand stay with
/// the old node. The measure begins when the name leads to the new master.
/// </summary>
internal sealed class EndpointLab : IFailoverLab
{
    /// <summary>A key that has another value on each of the two nodes, by which a reader is seen to have moved.</summary>
    public const string NodeKey = "node";

    /// <summary>Its value on the node that takes over.</summary>
    public const string NewNode = "new";

    private const string OldNode = "old";

    /// <summary>How long the provider takes to notice that a node is silent.</summary>
    private static readonly TimeSpan NoticePeriod = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(1);

    private readonly StandaloneRedis _master;
    private readonly StandaloneRedis _replica;
    private readonly TcpProxy _name;
    private readonly bool _isSilent;

    private EndpointLab(StandaloneRedis master, StandaloneRedis replica, bool isSilent)
    {
        (_master, _replica, _isSilent) = (master, replica, isSilent);
        _name = TcpProxy.Start(master.Server.Host, master.Server.Port);
    }

    public Deployment Deployment => Deployment.Of(_name.Host, _name.Port);

    public RedisServer Master => _master.Server;

    public SentinelEvents? Events => null;

    /// <param name="isSilent">Whether the master will fall silent without a reset, as in an availability zone that is gone; else it lives on as a replica.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IFailoverLab> StartAsync(bool isSilent, CancellationToken cancellationToken)
    {
        const string copyAtOnce = "repl-diskless-sync-delay 0";
        var master = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = [copyAtOnce] }, cancellationToken);
        await DemandAsync(master.Server, ["SET", NodeKey, OldNode], cancellationToken);

        // What is written to a replica stays there, also when the roles are exchanged: the copying goes on from where it was.
        string[] configuration = [copyAtOnce, $"replicaof {master.Server.Host} {master.Server.Port}", "replica-read-only no"];
        var replica = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = master, Configuration = configuration }, cancellationToken);
        await UntilAsync(replica.Server, role => role.Items is [_, _, _, { Text: "connected" }, ..], cancellationToken);
        await DemandAsync(replica.Server, ["SET", NodeKey, NewNode], cancellationToken);
        return new EndpointLab(master, replica, isSilent);
    }

    public async Task<Takeover?> FailOverAsync(CancellationToken cancellationToken)
    {
        var faultAt = ClientHost.Now;
        if (_isSilent)
        {
            await Master.HangAsync();
            await Task.Delay(NoticePeriod, cancellationToken);
            await DemandAsync(_replica.Server, ["REPLICAOF", "NO", "ONE"], cancellationToken);
        }
        else
        {
            await DemandAsync(Master, ["FAILOVER"], cancellationToken);
            await UntilAsync(_replica.Server, role => role.Items is [{ Text: "master" }, ..], cancellationToken);
        }

        _name.Retarget(_replica.Server.Host, _replica.Server.Port);
        return new Takeover(faultAt, new Promotion(_replica.Server, Stopwatch.GetTimestamp()));
    }

    // A full copy would have taken the old node its value.
    public async Task<bool> IsStillMasterAsync(RedisServer node, CancellationToken cancellationToken) =>
        _isSilent || (await Master.ExecuteAsync(["GET", NodeKey], cancellationToken)).Text == OldNode;

    public async ValueTask DisposeAsync()
    {
        await _name.DisposeAsync();
        await _replica.DisposeAsync();
        await _master.DisposeAsync();
    }

    private static async Task DemandAsync(RedisServer server, string[] command, CancellationToken cancellationToken)
    {
        var reply = await server.ExecuteAsync(command, cancellationToken);
        if (reply.IsError)
            throw new InvalidOperationException($"{server} refused {command[0]}: {reply}");
    }

    private static async Task UntilAsync(RedisServer server, Func<RedisReply, bool> isSo, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isSo(await server.ExecuteAsync(["ROLE"], cancellationToken)))
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
                throw new InvalidOperationException($"{server} has another role than expected for {Limit.TotalSeconds} s.");
            await Task.Delay(PollPeriod, cancellationToken);
        }
    }
}
