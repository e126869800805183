using System.Net;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Makes a connect hang at a stage, and sees that nothing is left of it when it has ended.</summary>
internal sealed class ConnectObstacle : IAsyncDisposable
{
    private readonly ConnectStage _stage;
    private readonly ScriptedPeer _node;
    private readonly ScriptedSentinel _sentinel;
    private readonly BlackHole _hole;
    private readonly ConvoyRedisEndpoint _nowhere = new("127.0.0.1", 1);
    private readonly ManualResetEventSlim _end = new();
    private int _timesSet;
    private int _timesAsked;

    public ConnectObstacle(ConnectStage stage)
    {
        _stage = stage;
        _node = ScriptedPeer.Start(Reply);
        _sentinel = ScriptedSentinel.Start(stage == ConnectStage.MasterGone ? _nowhere : _node.Endpoint);
        if (stage == ConnectStage.Locating)
            _sentinel.Override = _ => ScriptedSentinel.Silence;

        // The node's port, at a loopback address of its own.
        _hole = new BlackHole(IPAddress.Parse("127.0.0.9"), _node.Endpoint.Port);
    }

    private bool IsBehindSentinel => _stage is ConnectStage.Locating or ConnectStage.MasterGone or ConnectStage.MasterAwaited;

    public void Set(ConvoyRedisOptions options)
    {
        if (_stage == ConnectStage.Settings && Interlocked.Increment(ref _timesSet) > 1)
            _end.Wait();
        var entrance = IsBehindSentinel ? _sentinel.Endpoint
            : _stage == ConnectStage.Reaching ? new ConvoyRedisEndpoint("127.0.0.9", _node.Endpoint.Port) : _node.Endpoint;
        (options.Host, options.Port) = (entrance.Host, entrance.Port);
        (options.ConnectTimeout, options.CommandTimeout) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
        if (_stage == ConnectStage.Securing)
            options.Scheme = "rediss";
        if (IsBehindSentinel)
            (options.Scheme, options.MasterName) = ("redis-sentinel", ScriptedSentinel.MasterName);
    }

    public void Register(IServiceCollection services)
    {
        services.AddConvoyRedis(new ConvoyRedisSources { ConvoyJsonPath = null, Environment = new Dictionary<string, string?>() }, Set);
        if (_stage == ConnectStage.Credentials)
            services.AddKeyedSingleton<IConvoyRedisCredentialProvider>(Microsoft.Extensions.Options.Options.DefaultName, new Deaf(() => Interlocked.Increment(ref _timesAsked)));
    }

    /// <summary>Waits until the connect hangs.</summary>
    public Task IsMetAsync(CancellationToken cancellationToken) => _stage switch
    {
        // A connect to the black hole shows nowhere.
        ConnectStage.Reaching => Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken),
        ConnectStage.Asking => Eventually.TrueAsync(() => _node.Count("ECHO") > 0, cancellationToken),
        ConnectStage.Handshake => Eventually.TrueAsync(() => _node.Count("CLIENT") + _node.Count("INFO") > 0, cancellationToken),
        ConnectStage.Locating => Eventually.TrueAsync(() => _sentinel.Peer.Accepted > 0, cancellationToken),
        ConnectStage.MasterGone => Eventually.TrueAsync(() => _sentinel.Peer.Count("SENTINEL", "MYID") > 0, cancellationToken),
        ConnectStage.MasterAwaited => Eventually.TrueAsync(() => _node.Count("ROLE") > 2, cancellationToken),
        ConnectStage.Credentials => Eventually.TrueAsync(() => Volatile.Read(ref _timesAsked) > 0, cancellationToken),
        ConnectStage.Settings => Eventually.TrueAsync(() => Volatile.Read(ref _timesSet) > 1, cancellationToken),
        _ => Eventually.TrueAsync(() => _node.Accepted > 0, cancellationToken),
    };

    /// <summary>What StackExchange.Redis still tries by itself for a while must reach no server.</summary>
    public async Task AssertIsLeftAsync(CancellationToken cancellationToken)
    {
        await Eventually.TrueAsync(() => _node.Connections + _sentinel.Peer.Connections == 0, cancellationToken);
        var accepted = _node.Accepted + _sentinel.Peer.Accepted;
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        Assert.Equal(accepted, _node.Accepted + _sentinel.Peer.Accepted);
    }

    public async ValueTask DisposeAsync()
    {
        // Not disposed: what waits for it has perhaps not left it yet.
        _end.Set();
        _hole.Dispose();
        await _sentinel.DisposeAsync();
        await _node.DisposeAsync();
    }

    private string? Reply(IReadOnlyList<string> command) => command switch
    {
        _ when _stage is not (ConnectStage.Asking or ConnectStage.Handshake or ConnectStage.MasterAwaited) => null,
        ["PING"] => Resp.Pong,
        ["ROLE"] when _stage == ConnectStage.MasterAwaited =>
            Resp.Array(Resp.Bulk("slave"), Resp.Bulk(_nowhere.Host), Resp.Number(_nowhere.Port), Resp.Bulk("connect"), Resp.Number(-1)),
        ["ROLE"] => Resp.Array(Resp.Bulk("master"), Resp.Number(0), Resp.Array()),

        // What the library asks before StackExchange.Redis connects, which sends other arguments.
        ["ECHO" or "PING", "convoy-redis"] when _stage != ConnectStage.Asking => Resp.Bulk("convoy-redis"),
        ["HELLO", ..] when _stage != ConnectStage.Asking => Resp.Bulks("server", "redis", "mode", "standalone"),
        _ => null,
    };

    private sealed class Deaf(Action asked) : IConvoyRedisCredentialProvider
    {
        public async ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken)
        {
            asked();
            await Task.Delay(Timeout.InfiniteTimeSpan, CancellationToken.None);
            throw new System.Diagnostics.UnreachableException();
        }
    }
}
