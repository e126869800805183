using System.Diagnostics;
using ConvoyRedis.Client;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Drill;

/// <summary>A fixed endpoint as a provider has it: a name that leads to the master, and a replica that takes over, with the name.</summary>
internal sealed class EndpointLab : IDrillDeployment, IAsyncDisposable
{
    /// <summary>How long the provider takes to notice that a node is silent.</summary>
    private static readonly TimeSpan NoticePeriod = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(5);

    private readonly StandaloneRedis _master;
    private readonly StandaloneRedis _replica;
    private readonly TcpProxy _network;
    private readonly TcpProxy _name;
    private readonly DrillFault _fault;

    private EndpointLab(StandaloneRedis master, StandaloneRedis replica, DrillFault fault)
    {
        (_master, _replica, _fault) = (master, replica, fault);
        _network = TcpProxy.Start(master.Server.Host, master.Server.Port);
        _name = TcpProxy.Start(_network.Host, _network.Port);
    }

    /// <summary>The variables that lead a client to the name.</summary>
    public IReadOnlyDictionary<string, string> EnvironmentVariables =>
        new Dictionary<string, string>(_master.EnvironmentVariables) { ["CONVOY_REDIS_HOST"] = _name.Host, ["CONVOY_REDIS_PORT"] = $"{_name.Port}" };

    /// <summary>Starts the nodes, and waits until the replica is in sync.</summary>
    /// <param name="fault"><see cref="DrillFault.Moves"/> or <see cref="DrillFault.Silent"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RedisStartException">They did not start.</exception>
    /// <exception cref="TimeoutException">The replica does not get in sync.</exception>
    public static async Task<EndpointLab> StartAsync(DrillFault fault, CancellationToken cancellationToken)
    {
        const string copyAtOnce = "repl-diskless-sync-delay 0";
        var master = await StandaloneRedis.StartAsync(new StandaloneOptions { Configuration = [copyAtOnce] }, cancellationToken);
        try
        {
            string[] configuration = [copyAtOnce, $"replicaof {master.Server.Host} {master.Server.Port}"];
            var replica = await StandaloneRedis.StartAsync(new StandaloneOptions { Beside = master, Configuration = configuration }, cancellationToken);
            await UntilAsync(replica.Server, "in sync", role => role.Items is [_, _, _, { Text: "connected" }, ..], cancellationToken);
            return new EndpointLab(master, replica, fault);
        }
        catch
        {
            await master.DisposeAsync();
            throw;
        }
    }

    public Task<DrillSubject> FindAsync(ConvoyRedisConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult(new DrillSubject(Endpoint(_master.Server), [Endpoint(_replica.Server)], []));

    public async Task FailOverAsync(DrillSubject subject, CancellationToken cancellationToken)
    {
        if (_fault == DrillFault.Silent)
        {
            _network.Freeze();
            await Task.Delay(NoticePeriod, cancellationToken);
            await DemandAsync(_replica.Server, ["REPLICAOF", "NO", "ONE"], cancellationToken);
        }
        else
        {
            await DemandAsync(_master.Server, ["FAILOVER"], cancellationToken);
            await UntilAsync(_replica.Server, "the master", role => role.Items is [{ Text: "master" }, ..], cancellationToken);
        }

        _name.Retarget(_replica.Server.Host, _replica.Server.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _name.DisposeAsync();
        await _network.DisposeAsync();
        await _replica.DisposeAsync();
        await _master.DisposeAsync();
    }

    private static ConvoyRedisEndpoint Endpoint(RedisServer server) => new(server.Host, server.Port);

    private static async Task DemandAsync(RedisServer server, string[] command, CancellationToken cancellationToken)
    {
        var reply = await server.ExecuteAsync(command, cancellationToken);
        if (reply.IsError)
            throw new IOException($"{server.Address} refused {command[0]}: {reply}");
    }

    private static async Task UntilAsync(RedisServer server, string what, Func<RedisReply, bool> isSo, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isSo(await server.ExecuteAsync(["ROLE"], cancellationToken)))
        {
            if (Stopwatch.GetElapsedTime(began) > Limit)
                throw new TimeoutException($"{server.Address} was not {what} within {Limit.TotalSeconds} s.");
            await Task.Delay(PollPeriod, cancellationToken);
        }
    }
}
