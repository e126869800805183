using System.Net;
using System.Runtime.CompilerServices;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Tunnel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// In its first failover, a process would run code that has never run, and compiling that takes several times as long as the move. So this code runs once
/// before: a planned failover and one of a dead master, of nodes in memory. Nobody sees it in logs, metrics and traces.
/// </summary>
internal sealed class FailoverRehearsal : IAsyncDisposable
{
    /// <summary>After the first connect has begun: what a service does at its start comes first.</summary>
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly ConvoyRedisEndpoint Sentinel = new("rehearsal-sentinel", 1);
    private static readonly ConvoyRedisEndpoint One = new("rehearsal-one", 1);
    private static readonly ConvoyRedisEndpoint Other = new("rehearsal-other", 1);
    private static int _isBegun;

    private readonly List<MasterChangedEventArgs> _moves = [];
    private readonly RehearsalNodes _nodes;
    private readonly MasterTunnel _tunnel;
    private readonly FailoverCoordinator _coordinator;
    private readonly Deadline _limit;
    private readonly TimeProvider _time;
    private readonly ConfigurationOptions _options;

    private FailoverRehearsal(TimeProvider time)
    {
        _time = time;
        _limit = new Deadline(Longest, time, CancellationToken.None);
        var target = new ConvoyRedisOptions().Resolve();
        var context = new ConnectionContext(NullLoggerFactory.Instance, NullLogger.Instance, time, Telemetry.None(target), _ => { });
        _nodes = new RehearsalNodes(target, One, time);
        var plan = new DialPlan(new MasterDialer(_nodes, replicaAccepted: false, context), _nodes, target.HoldDeadline);
        _tunnel = new MasterTunnel(new DnsEndPoint("rehearsal", 1), plan, context);
        _coordinator = new FailoverCoordinator(target, _nodes, _nodes, context);
        _coordinator.Attach(_tunnel.Route!, _moves.Add);
        _options = MultiplexerOptions.Create(target, refused: ["ECHO"], _tunnel, () => { }, context, () => _nodes.Credentials);
    }

    /// <summary>Rehearses in the background; only the first call in a process does so, and none where everything is compiled (native AOT).</summary>
    public static void Begin(ILogger logger, TimeProvider time)
    {
        if (RuntimeFeature.IsDynamicCodeCompiled && Interlocked.Exchange(ref _isBegun, 1) == 0)
            _ = Background.Run(() => BeginAsync(logger, time));
    }

    /// <summary>Rehearses.</summary>
    /// <returns>The moves of the master.</returns>
    public static async Task<IReadOnlyList<MasterChangedEventArgs>> RehearseAsync(TimeProvider time)
    {
        var rehearsal = new FailoverRehearsal(time);
        await using (rehearsal.ConfigureAwait(false))
        {
            await rehearsal.RunAsync().ConfigureAwait(false);
            await rehearsal._coordinator.ReportedAsync(rehearsal._tunnel.Route!).ConfigureAwait(false);
            return rehearsal._moves;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync().ConfigureAwait(false);
        _tunnel.Dispose();
        _limit.Dispose();
    }

    private static async Task BeginAsync(ILogger logger, TimeProvider time)
    {
        try
        {
            await Task.Delay(Delay, time).ConfigureAwait(false);
            await RehearseAsync(time).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Log.PartFailed(logger, "The rehearsal of a failover", exception);
        }
    }

    private async Task RunAsync()
    {
        _coordinator.Observe(new SentinelAnswered(Sentinel, One, 1));
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(_options).ConfigureAwait(false);
        await using (multiplexer.ConfigureAwait(false))
        {
            _coordinator.Observe(new SentinelEvent(Sentinel, SentinelEventKind.FailoverTried, One));
            await OrderAsync(One, Other).ConfigureAwait(false);
            await PromoteAsync(Other, 2, multiplexer).ConfigureAwait(false);

            // Calls that come before StackExchange.Redis has noticed the end of its connection fail.
            _coordinator.Observe(new SentinelEvent(Sentinel, SentinelEventKind.ObjectivelyDown, Other));
            await OrderAsync(Other, One).ConfigureAwait(false);
            await UntilAsync(() => !multiplexer.IsConnected).ConfigureAwait(false);
            await PromoteAsync(One, 3, multiplexer).ConfigureAwait(false);
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
        _coordinator.Observe(new SentinelAnswered(Sentinel, candidate, epoch));
    }

    private async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Delay(Poll, _time, _limit.Token).ConfigureAwait(false);
    }
}
