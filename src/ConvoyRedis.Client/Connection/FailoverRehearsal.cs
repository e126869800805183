using System.Net;
using System.Runtime.CompilerServices;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Runs a planned failover and the failover of a dead master once, between simulated nodes in memory, so that this code is compiled before the first real
/// failover. Metrics and traces do not show it; the log does only if it fails.
/// </summary>
internal sealed class FailoverRehearsal : IAsyncDisposable
{
    /// <summary>How long after the first connect starts: the service's own startup goes first.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    // Compiling takes real time, whatever clock the service has.
    private static readonly TimeProvider Time = TimeProvider.System;

    private static readonly ConvoyRedisEndpoint Sentinel = new("rehearsal-sentinel", 1);
    private static readonly ConvoyRedisEndpoint FirstNode = new("rehearsal-1", 1);
    private static readonly ConvoyRedisEndpoint SecondNode = new("rehearsal-2", 1);
    private static readonly ConvoyRedisEndpoint ThirdNode = new("rehearsal-3", 1);
    private static int _isBegun;

    private readonly List<MasterChangedEventArgs> _moves = [];
    private readonly Deadline _limit = new(TimeLimit, Time, CancellationToken.None);
    private readonly ConvoyRedisTarget _target = new ConvoyRedisOptions { CommandTimeout = 3 * TimeLimit, HoldDeadline = TimeLimit }.Resolve();
    private readonly ConnectionContext _context;
    private readonly RehearsalNodes _nodes;
    private readonly MasterTunnel _tunnel;
    private readonly FailoverCoordinator _coordinator;

    private FailoverRehearsal()
    {
        _context = new ConnectionContext(NullLoggerFactory.Instance, NullLogger.Instance, Time, Telemetry.None(_target), _ => { });
        _nodes = new RehearsalNodes(_target, FirstNode);
        _tunnel = new MasterTunnel(
            new DnsEndPoint("rehearsal", 1), new DialPlan(new MasterDialer(_nodes, replicaAccepted: false, _context), _nodes, _target.HoldDeadline), _context);
        _coordinator = new FailoverCoordinator(_target, _nodes, _nodes, _context);
        _coordinator.Attach(Route, _moves.Add);
    }

    private LogicalRoute Route => _tunnel.Route!;

    /// <summary>Rehearses in the background; only the first call in a process does so, and none where everything is compiled already (native AOT).</summary>
    public static void Begin(ILogger logger)
    {
        if (RuntimeFeature.IsDynamicCodeCompiled && Interlocked.Exchange(ref _isBegun, 1) == 0)
            _ = Background.Run(() => BeginAsync(logger));
    }

    /// <summary>Rehearses.</summary>
    /// <returns>The moves of the master.</returns>
    public static async Task<IReadOnlyList<MasterChangedEventArgs>> RehearseAsync()
    {
        var rehearsal = new FailoverRehearsal();
        await using (rehearsal.ConfigureAwait(false))
        {
            await rehearsal.RunAsync().ConfigureAwait(false);
            await rehearsal._coordinator.ReportedAsync(rehearsal.Route).ConfigureAwait(false);
            return rehearsal._moves;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync().ConfigureAwait(false);
        _tunnel.Dispose();
        _limit.Dispose();
    }

    // A process that is suspended, or has no CPU to spare, may exceed the limit.
    private static async Task BeginAsync(ILogger logger)
    {
        try
        {
            await Task.Delay(Delay, Time).ConfigureAwait(false);
            await RehearseAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.RehearsalFailed(logger, exception);
        }
    }

    private async Task RunAsync()
    {
        _coordinator.Observe(new SentinelAnswered(Sentinel, FirstNode, 1));

        // ECHO is left out because StackExchange.Redis sends bytes with it that are no text. Providers of options that the service registered are not asked.
        var options = MultiplexerOptions.Create(_target, refused: ["ECHO"], _tunnel, () => { }, _context, () => _nodes.Credentials);
        options.Defaults = new DefaultOptionsProvider();
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false);
        await using (multiplexer.ConfigureAwait(false))
        {
            _coordinator.Observe(new SentinelEvent(Sentinel, SentinelEventKind.FailoverTried, FirstNode));
            await OrderAsync(FirstNode, SecondNode).ConfigureAwait(false);
            await PromoteAsync(SecondNode, 2, multiplexer).ConfigureAwait(false);

            _coordinator.Observe(new SentinelEvent(Sentinel, SentinelEventKind.ObjectivelyDown, SecondNode));
            await OrderAsync(SecondNode, ThirdNode).ConfigureAwait(false);

            // Calls fail until StackExchange.Redis has noticed the end of its connection.
            await UntilAsync(() => !multiplexer.IsConnected).ConfigureAwait(false);
            await PromoteAsync(ThirdNode, 3, multiplexer).ConfigureAwait(false);
        }
    }

    private async Task OrderAsync(ConvoyRedisEndpoint former, ConvoyRedisEndpoint candidate)
    {
        _coordinator.Observe(new SentinelEvent(Sentinel, SentinelEventKind.CandidateSelected, former, candidate));
        await UntilAsync(() => _nodes.HasClients(candidate)).ConfigureAwait(false);
        _coordinator.Observe(new SentinelEvent(Sentinel, SentinelEventKind.PromotionOrdered, former, candidate));
    }

    private async Task PromoteAsync(ConvoyRedisEndpoint candidate, int epoch, ConnectionMultiplexer multiplexer)
    {
        var call = multiplexer.GetDatabase().StringIncrementAsync("rehearsal");
        _nodes.Promote(candidate);
        await call.WaitAsync(_limit.Token).ConfigureAwait(false);
        await UntilAsync(() => Route.Master == candidate).ConfigureAwait(false);
        _coordinator.Observe(new SentinelAnswered(Sentinel, candidate, epoch));
    }

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(PollInterval, Time, _limit.Token).ConfigureAwait(false);
    }
}
