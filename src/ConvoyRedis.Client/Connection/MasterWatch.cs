using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Sentinel;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// Whatever watches a deployment's master: the links to its sentinels and the watcher of the master's role. All connections of a process with the
/// same settings share one, so that a hundred of them ask no more than one does. It ends with the last of them.
/// </summary>
internal sealed class MasterWatch : IAsyncDisposable
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<Key, MasterWatch> Shared = [];

    private readonly Key _key;
    private readonly TlsMaterial? _tls;
    private readonly RoleWatcher _roles;
    private readonly Logins _dataLogins;
    private readonly Logins _sentinelLogins;
    private readonly ILogger _logger;
    private int _members;

    private MasterWatch(Key key, ConvoyRedisTarget target, Surroundings surroundings)
    {
        (_key, _logger) = (key, surroundings.Logger);
        _tls = target.Tls || target.SentinelTls ? new TlsMaterial(target) : null;
        var (data, sentinels) = (NodeAccess.ToData(target, _tls), NodeAccess.ToSentinels(target, _tls));
        (_dataLogins, _sentinelLogins) = (data.Logins, sentinels.Logins);
        var nodes = new NodeDialer(data);
        _roles = new RoleWatcher(nodes, surroundings);
        if (target.Topology == ConvoyRedisTopology.Sentinel)
            Locator = new MasterLocator(target, new NodeDialer(sentinels), nodes, surroundings);
    }

    /// <summary>Raised when a server refuses every login.</summary>
    public event Action LoginRefused
    {
        add
        {
            _dataLogins.Refused += value;
            _sentinelLogins.Refused += value;
        }

        remove
        {
            _dataLogins.Refused -= value;
            _sentinelLogins.Refused -= value;
        }
    }

    /// <summary>Locates the master by sentinels; null for a fixed endpoint.</summary>
    public MasterLocator? Locator { get; }

    /// <summary>Begins to watch a deployment's master, or joins those that do; to be ended by <see cref="LeaveAsync"/>.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="surroundings">The clock, and who is told of what happens; connections that differ in these share nothing.</param>
    /// <exception cref="ConvoyRedisConnectionException">A certificate file cannot be read.</exception>
    public static MasterWatch Join(ConvoyRedisTarget target, Surroundings surroundings)
    {
        var key = KeyOf(target, surroundings);
        MasterWatch? watch;
        lock (Gate)
        {
            // One that found no master has nothing to tell, and another attempt begins anew.
            if (!Shared.TryGetValue(key, out watch) || watch.Locator is { HasFailed: true })
                Shared[key] = watch = new MasterWatch(key, target, surroundings);
            watch._members++;
        }

        return watch;
    }

    /// <summary>Leads a tunnel to the master from now on.</summary>
    /// <param name="target">The deployment.</param>
    /// <param name="tunnel">Led to the master.</param>
    /// <param name="masterFollowed">Told, after the tunnel has moved, to which master and why.</param>
    public void Lead(ConvoyRedisTarget target, MasterTunnel tunnel, Action<MasterChangedEventArgs> masterFollowed)
    {
        _roles.Attach(tunnel);
        if (Locator is { } locator)
            locator.Attach(tunnel, masterFollowed);
        else
            tunnel.Lead(target.Endpoints[0]);
    }

    /// <summary>Logs in otherwise from now on; for all connections that share it, whose settings are the same.</summary>
    public void ChangeLogins(ConvoyRedisTarget target)
    {
        _dataLogins.Change(new(target.Username, target.Password));
        _sentinelLogins.Change(new(target.SentinelUsername, target.SentinelPassword));
    }

    /// <summary>A reply was one that only a replica gives.</summary>
    public void Suspect() => _roles.Suspect();

    /// <summary>Leads a tunnel no more; when it was the last one, the watch ends.</summary>
    public async ValueTask LeaveAsync(MasterTunnel tunnel)
    {
        bool isLast;
        lock (Gate)
        {
            isLast = --_members == 0;
            if (isLast && Shared.GetValueOrDefault(_key) == this)
                Shared.Remove(_key);
        }

        await Disposal.EndAsync(
            _logger,
            ("the tunnel's role watch", Disposal.Of(() => _roles.Detach(tunnel))),
            ("the tunnel's master locator", Disposal.Of(() => Locator?.Detach(tunnel)))).ConfigureAwait(false);
        if (isLast)
            await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends it; <see cref="LeaveAsync"/> calls this for the last one.</summary>
    public ValueTask DisposeAsync() => Disposal.EndAsync(
        _logger,
        ("the master locator", () => Locator?.DisposeAsync() ?? default),
        ("the role watcher", _roles.DisposeAsync),
        ("the certificates", Disposal.Of(() => _tls?.Dispose())));

    private static Key KeyOf(ConvoyRedisTarget target, Surroundings surroundings) => new(
        (target.Topology, string.Join(',', target.Endpoints), target.MasterName),
        (target.Username, target.Password, target.SentinelUsername, target.SentinelPassword),
        (target.Tls, target.SentinelTls, target.TlsSkipVerify, target.TlsServerName, TargetChange.TryReadTlsFiles(target), target.TlsCaCertFile, $"{target.TlsCertFile}|{target.TlsKeyFile}"),
        (string.Join(',', target.AddressMap), target.FailoverMode, target.HoldDeadline, target.ConnectTimeout),
        (surroundings.LoggerFactory, surroundings.Time, surroundings.Telemetry.Instruments));

    /// <summary>Everything on which it depends what a watch sees and decides.</summary>
    private sealed record Key(
        (ConvoyRedisTopology Topology, string Endpoints, string? MasterName) Deployment,
        (string?, string?, string?, string?) Credentials,
        (bool, bool, bool, string?, string?, string?, string?) Tls,
        (string AddressMap, FailoverMode Mode, TimeSpan HoldDeadline, TimeSpan ConnectTimeout) Ways,
        (ILoggerFactory LoggerFactory, TimeProvider Time, Instruments Instruments) Surroundings)
    {
        // Never what it holds: there are passwords in it.
        public override string ToString() => nameof(Key);
    }
}
