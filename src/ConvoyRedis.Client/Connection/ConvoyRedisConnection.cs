using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>A connection to one Redis deployment. For dependency injection, call <c>AddConvoyRedis</c>; otherwise <c>ConnectAsync</c>.</summary>
public sealed class ConvoyRedisConnection : IConvoyRedisConnection, IDisposable
{
    /// <summary>How long disposal waits for user code that ignores its cancellation token.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly ConnectionContext _context;
    private readonly MasterChangedEvent _masterChanged;
    private readonly ConnectionGauges _gauges;
    private readonly SettingsReloader _settings;
    private readonly SettingsChange _settingsChange;
    private readonly SharedFailure _sharedFailure;
    private Task<ConnectedDeployment>? _attempt;
    private Task<ConnectedDeployment>? _connecting;
    private Task? _disposal;
    private volatile ConvoyRedisTarget _target;
    private ConvoyRedisConnectionException? _lastFault;

    /// <param name="target">The deployment.</param>
    /// <param name="loggerFactory">Where the connection logs to; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="instruments">Where metrics go; null for connections outside dependency injection.</param>
    /// <param name="reload">Reads the settings again; null if they cannot change.</param>
    /// <param name="credentials">Provides the login; null to use the settings.</param>
    internal ConvoyRedisConnection(
        ConvoyRedisTarget target, ILoggerFactory? loggerFactory = null, TimeProvider? time = null, Instruments? instruments = null,
        Func<ConvoyRedisOptions>? reload = null, IConvoyRedisCredentialProvider? credentials = null)
    {
        _target = target;
        loggerFactory = new SafeLoggerFactory(loggerFactory ?? NullLoggerFactory.Instance);
        _context = new ConnectionContext(loggerFactory, loggerFactory.CreateLogger<ConvoyRedisConnection>(), time ?? TimeProvider.System,
            new Telemetry(instruments ?? Instruments.Shared, target), fault => Volatile.Write(ref _lastFault, fault));
        _masterChanged = new MasterChangedEvent(this, _context.Logger);
        _settings = new SettingsReloader(reload, credentials, ApplyAsync, _context);
        _settingsChange = new SettingsChange(_context);
        _sharedFailure = new SharedFailure(_context.Time);
        _gauges = new ConnectionGauges(
            () => Telemetry.Pool, () => LiveStreams, () => Coordinator is { } coordinator ? (coordinator, coordinator.ConnectedSentinels) : null);
        Telemetry.Instruments.Add(_gauges);
    }

    /// <inheritdoc />
    public event EventHandler<MasterChangedEventArgs>? MasterChanged
    {
        add => _masterChanged.Handlers += value;
        remove => _masterChanged.Handlers -= value;
    }

    /// <inheritdoc />
    public ConvoyRedisTarget Target => _target;

    /// <inheritdoc />
    public ConvoyRedisPhase Phase => Connected?.Phase ?? ConvoyRedisPhase.Locating;

    /// <inheritdoc />
    public ConvoyRedisEndpoint? Master => Connected?.Master;

    /// <inheritdoc />
    public long? Epoch => Connected?.Epoch;

    /// <summary>The streams that the multiplexer holds; for tests that look for leaks.</summary>
    internal int LiveStreams => Connected?.LiveStreams ?? 0;

    /// <summary>The last move to another master: when, why, from where to where; null when there was none.</summary>
    internal string? LastFailover { get; private set; }

    /// <summary>The current or most recent reason why the master cannot be used; null if there is none.</summary>
    internal ConvoyRedisConnectionException? LastFault => Volatile.Read(ref _lastFault);

    /// <summary>Where metrics and spans go.</summary>
    internal Telemetry Telemetry => _context.Telemetry;

    /// <summary>Locates the master through sentinels; null while not connected, and without sentinels.</summary>
    internal FailoverCoordinator? Coordinator => Connected?.Coordinator;

    internal ConnectedDeployment? Connected
    {
        get
        {
            lock (_gate)
                return _connecting is { IsCompletedSuccessfully: true } connected ? connected.Result : null;
        }
    }

    /// <inheritdoc cref="ConnectAsync(ConvoyRedisOptions, ILoggerFactory?, CancellationToken)" />
    public static Task<ConvoyRedisConnection> ConnectAsync(ConvoyRedisOptions options, CancellationToken cancellationToken = default) =>
        ConnectAsync(options, null, cancellationToken);

    /// <summary>Connects to the deployment that the options describe.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="loggerFactory">Where the connection logs to; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The settings are wrong; the message lists every problem.</exception>
    /// <exception cref="ConvoyRedisConnectionException">
    /// The deployment refused the connection (at once), or no master was reached within <see cref="ConvoyRedisTarget.CommandTimeout"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<ConvoyRedisConnection> ConnectAsync(
        ConvoyRedisOptions options, ILoggerFactory? loggerFactory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var connection = new ConvoyRedisConnection(options.Resolve(), loggerFactory, reload: options.Reload);
        try
        {
            await connection.GetMultiplexerAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<IConnectionMultiplexer> GetMultiplexerAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return (await PoolRelief.WhileAsync(Connecting().WaitAsync(Target.CommandTimeout, _context.Time, cancellationToken)).ConfigureAwait(false)).Multiplexer;
        }
        catch (TimeoutException)
        {
            var waited = $"No connection to {Target} within {Target.CommandTimeout.TotalSeconds} s (command_timeout).";
            throw Volatile.Read(ref _lastFault) is { } fault
                ? new ConvoyRedisConnectionException(fault.Fault, $"{waited} {fault.Message}", fault)
                : new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, waited);
        }
    }

    /// <inheritdoc />
    public async Task<IServer> GetServerAsync(ConvoyRedisEndpoint node, CancellationToken cancellationToken = default)
    {
        await GetMultiplexerAsync(cancellationToken).ConfigureAwait(false);
        var servers = Connected is { } connected ? connected.Servers.ToList() : throw new ObjectDisposedException(nameof(ConvoyRedisConnection));
        return servers.Find(server => server.Node == node).Server
            ?? throw new ArgumentException($"No commands go to {node}, but to {string.Join(", ", servers.Select(server => server.Node).Distinct())}.", nameof(node));
    }

    /// <summary>
    /// Like <see cref="GetMultiplexerAsync"/>, for the factory of a DI container, which admits one caller at a time. Callers that queued behind a
    /// failed wait share its failure; otherwise the last of them would wait many times <c>command_timeout</c>.
    /// </summary>
    internal Task<IConnectionMultiplexer> GetMultiplexerInTurnAsync() =>
        _sharedFailure.WaitAsync(() => GetMultiplexerAsync(), () => Connected is not null);

    /// <summary>The text of a server, without secrets.</summary>
    internal string Shown(string text) => Connected?.Shown(text) ?? ServerText.Shown(text, Target);

    /// <summary>Starts connecting, without waiting.</summary>
    internal void Start() => _ = Connecting();

    /// <summary>Closes the connection, and ends the calls that wait for it.</summary>
    public async ValueTask DisposeAsync()
    {
        Task disposal;
        lock (_gate)
            disposal = _disposal ??= DisposeOnceAsync(_attempt);
        await disposal.ConfigureAwait(false);
    }

    /// <summary>Like <see cref="DisposeAsync"/>, but blocking: for a service provider that is disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // A permanent failure is not the end: the server may have been corrected before the next call.
    private Task<ConnectedDeployment> Connecting()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // Disposal releases the waiting callers, even if the attempt still runs.
                _attempt = Background.Run(() => new ConnectAttempt(_settings, OnMasterFollowed, _context).RunAsync(Target, target => _target = target, _disposed.Token));
                _connecting = _attempt.WaitAsync(_disposed.Token);
            }

            return _connecting;
        }
    }

    private async Task<bool> ApplyAsync(ConvoyRedisTarget target, bool isTlsNew, CancellationToken cancellationToken)
    {
        if (Connected is not { } connected)
            return false;
        (_target, var isTaken) = await _settingsChange.ApplyAsync(connected, _target, target, isTlsNew, cancellationToken).ConfigureAwait(false);
        return isTaken;
    }

    private void OnMasterFollowed(MasterChangedEventArgs change)
    {
        if (change.Previous is not null)
            LastFailover = $"{_context.Time.GetUtcNow():O} {change.Cause}: {change.Previous} -> {change.Current}";
        Log.MasterFollowed(_context.Logger, change.Current, change.Previous?.ToString() ?? "none", change.Cause, change.Epoch);
        _masterChanged.Post(change);
    }

    private async Task DisposeOnceAsync(Task<ConnectedDeployment>? attempt)
    {
        await Disposal.EndAsync(
            _context.Logger,
            ("the metrics", Disposal.Of(() => Telemetry.Instruments.Remove(_gauges))),
            ("the waiting calls", () => new(_disposed.CancelAsync())),
            ("the settings reloader", () => WithinGraceAsync(_settings.DisposeAsync().AsTask())),
            ("the connection", () => attempt is null ? default : EndAsync(attempt))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    // Disposes the result of an attempt. An attempt that hangs in user code is abandoned, and its result is disposed later.
    private async ValueTask EndAsync(Task<ConnectedDeployment> attempt)
    {
        await ((Task)attempt).WaitAsync(Grace, _context.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ending = EndLaterAsync(attempt);
        if (attempt.IsCompleted)
            await ending.ConfigureAwait(false);
    }

    private static async Task EndLaterAsync(Task<ConnectedDeployment> attempt)
    {
        await ((Task)attempt).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (attempt.IsCompletedSuccessfully)
            await attempt.Result.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask WithinGraceAsync(Task ending)
    {
        try
        {
            await ending.WaitAsync(Grace, _context.Time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!ending.IsCompleted)
        {
            // User code that ignores its token: it ends on its own.
        }
    }
}
