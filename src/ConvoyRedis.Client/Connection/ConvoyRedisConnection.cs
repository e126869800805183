using System.Diagnostics;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using ConvoyRedis.Client.Resilience;
using ConvoyRedis.Client.Sentinel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>A connection to one Redis deployment. Dependency injection makes it by <c>AddConvoyRedis</c>; without, use <c>ConnectAsync</c>.</summary>
public sealed class ConvoyRedisConnection : IConvoyRedisConnection, IDisposable
{
    /// <summary>How long disposal waits for code of the user's that does not look at its token.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    /// <summary>For how long after a failed wait the callers that queued behind it share its failure; a wait shorter than this is not shared.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Surroundings _surroundings;
    private readonly MasterChangedEvent _masterChanged;
    private Task<ConnectedDeployment>? _attempt;
    private Task<ConnectedDeployment>? _connecting;
    private Task? _disposal;
    private readonly SettingsWatch _settings;
    private volatile ConvoyRedisTarget _target;
    private string _restartTold = "";
    private ConvoyRedisConnectionException? _lastFault;
    private volatile Tuple<ConvoyRedisConnectionException, long>? _vain;

    /// <param name="target">The deployment.</param>
    /// <param name="loggerFactory">Where the connection logs to; null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="instruments">Where figures go; null for those of connections outside dependency injection.</param>
    /// <param name="reload">Reads the settings anew; null where they cannot change.</param>
    /// <param name="credentials">Gives the login; null for that of the settings.</param>
    internal ConvoyRedisConnection(
        ConvoyRedisTarget target, ILoggerFactory? loggerFactory = null, TimeProvider? time = null, Instruments? instruments = null,
        Func<ConvoyRedisOptions>? reload = null, IConvoyRedisCredentialProvider? credentials = null)
    {
        _target = target;
        loggerFactory = new SafeLoggerFactory(loggerFactory ?? NullLoggerFactory.Instance);
        _surroundings = new Surroundings(loggerFactory, loggerFactory.CreateLogger<ConvoyRedisConnection>(), time ?? TimeProvider.System,
            new Telemetry(instruments ?? Instruments.Shared, target), fault => Volatile.Write(ref _lastFault, fault));
        _masterChanged = new MasterChangedEvent(this, _surroundings.Logger);
        _settings = new SettingsWatch(reload, credentials, ApplyAsync, _surroundings);
        Telemetry.Instruments.Add(this);
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

    /// <summary>What keeps the connection from its master, or did when it last had none; null when nothing does.</summary>
    internal ConvoyRedisConnectionException? LastFault => Volatile.Read(ref _lastFault);

    /// <summary>Where figures and spans go.</summary>
    internal Telemetry Telemetry => _surroundings.Telemetry;

    /// <summary>Locates the master by sentinels; null while not connected, and where there are none.</summary>
    internal MasterLocator? Locator => Connected?.Locator;

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
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The settings are wrong; the message tells every problem.</exception>
    /// <exception cref="ConvoyRedisConnectionException">
    /// The deployment refused us (at once), or no master was reached within <see cref="ConvoyRedisTarget.CommandTimeout"/>.
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
            return (await Connecting().WaitAsync(Target.CommandTimeout, _surroundings.Time, cancellationToken).ConfigureAwait(false)).Multiplexer;
        }
        catch (TimeoutException)
        {
            var waited = $"No connection to {Target} within {Target.CommandTimeout.TotalSeconds} s (command_timeout).";
            throw Volatile.Read(ref _lastFault) is { } fault
                ? new ConvoyRedisConnectionException(fault.Fault, $"{waited} {fault.Message}", fault)
                : new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, waited);
        }
    }

    /// <summary>
    /// As <see cref="GetMultiplexerAsync"/>, for the factory of a DI container, which lets in one caller at a time: callers that queued behind a
    /// failed wait share its failure, since the last of them would otherwise wait many times <c>command_timeout</c>.
    /// </summary>
    internal async Task<IConnectionMultiplexer> GetMultiplexerInTurnAsync()
    {
        if (_vain is var (failure, at) && _surroundings.Time.GetElapsedTime(at) < Shared && Connected is null)
            throw new ConvoyRedisConnectionException(failure.Fault, failure.Message, failure);
        var began = _surroundings.Time.GetTimestamp();
        try
        {
            return await GetMultiplexerAsync().ConfigureAwait(false);
        }
        catch (ConvoyRedisConnectionException exception) when (_surroundings.Time.GetElapsedTime(began) > Shared)
        {
            _vain = Tuple.Create(exception, _surroundings.Time.GetTimestamp());
            throw;
        }
    }

    /// <summary>What a server said, as it may be shown.</summary>
    internal string Shown(string text) => Connected?.Shown(text) ?? ServerText.Shown(text, Target);

    /// <summary>Begins to connect, without waiting for it.</summary>
    internal void Start() => _ = Connecting();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task disposal;
        lock (_gate)
            disposal = _disposal ??= DisposeOnceAsync(_attempt);
        await disposal.ConfigureAwait(false);
    }

    /// <summary>As <see cref="DisposeAsync"/>, blocking: a service provider that is disposed synchronously can do no better.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // An attempt that failed for good is not the last word: what was wrong on the server may have been put right when asked again.
    private Task<ConnectedDeployment> Connecting()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposal is not null, this);
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                // Disposal releases those who wait, whatever the attempt still does.
                _attempt = Background.Run(() => ConnectAsync(_disposed.Token));
                _connecting = _attempt.WaitAsync(_disposed.Token);
            }

            return _connecting;
        }
    }

    private async Task<ConnectedDeployment> ConnectAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in Target.Warnings)
            Log.ConfigurationWarning(_surroundings.Logger, warning);
        if (Target.TlsSkipVerify)
            Log.CertificatesNotVerified(_surroundings.Logger);
        var span = Telemetry.StartConnect();
        try
        {
            var target = Target;
            var connected = await ConnectPipeline.Create((fault, pause) => OnAttemptFailed(fault, pause, span), _surroundings.Time).ExecuteAsync(
                async token =>
                {
                    _target = target = await _settings.CurrentAsync(Target, token).ConfigureAwait(false);
                    token.ThrowIfCancellationRequested();
                    return await ConnectedDeployment.ConnectAsync(target, OnMasterFollowed, () => _settings.Look(), _surroundings, token)
                        .ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            _target = connected.Target;
            Telemetry.Rename(connected.Target);
            if (_settings.IsNeeded)
                _settings.Start(target);
            span?.SetTag("server.address", connected.Master?.Host).SetTag("server.port", connected.Master?.Port);
            return connected;
        }
        catch (Exception exception)
        {
            if (exception is ConvoyRedisConnectionException { IsFinal: true } fault)
                Log.ConnectRefused(_surroundings.Logger, Target.ToString(), fault.Message);
            span?.SetStatus(ActivityStatusCode.Error, (exception as ConvoyRedisConnectionException)?.Message ?? exception.GetType().Name);
            span?.SetTag("error.type", (exception as ConvoyRedisConnectionException)?.Fault.ToString() ?? exception.GetType().FullName);
            throw;
        }
        finally
        {
            Telemetry.End(span);
        }
    }

    // Has the connection take over a target; whether it fully has, or is to be told once more.
    private async Task<bool> ApplyAsync(ConvoyRedisTarget target, bool isTlsNew, CancellationToken cancellationToken)
    {
        if (Connected is not { } connected)
            return false;
        var former = _target;
        if (former.Topology == ConvoyRedisTopology.Cluster && target.Topology == ConvoyRedisTopology.Standalone)
            target = target.AsCluster();
        TellRestart(string.Join(", ", TargetChange.NeedRestart(former, target, isTlsNew)));
        target = TargetChange.WithoutRestart(former, target);
        if (target == former)
            return true;
        if (target.Topology != ConvoyRedisTopology.Cluster && (isTlsNew || TargetChange.IsElsewhere(former, target)))
        {
            await connected.SwitchAsync(target, cancellationToken).ConfigureAwait(false);
            _target = target;
            Telemetry.Rename(target);
            Log.Switched(_surroundings.Logger, target.ToString());
            return true;
        }

        var isTaken = await connected.ChangeLoginAsync(target, cancellationToken).ConfigureAwait(false);
        _target = target;
        if (isTaken)
            Log.LoggedInAnew(_surroundings.Logger);
        return isTaken;
    }

    // Once for each time that it becomes so: what is not fully taken over is applied again and again.
    private void TellRestart(string settings)
    {
        if (settings.Length > 0 && settings != _restartTold)
            Log.RestartNeeded(_surroundings.Logger, settings);
        _restartTold = settings;
    }

    private void OnAttemptFailed(ConvoyRedisConnectionException fault, TimeSpan pause, Activity? span)
    {
        span?.AddEvent(new ActivityEvent(fault.Message));
        _surroundings.Obstructed(fault);
        Log.ConnectFailed(_surroundings.Logger, Target.ToString(), fault.Message, pause.TotalMilliseconds);
    }

    private void OnMasterFollowed(MasterChangedEventArgs change)
    {
        if (change.Previous is not null)
            LastFailover = $"{_surroundings.Time.GetUtcNow():O} {change.Cause}: {change.Previous} -> {change.Current}";
        Log.MasterFollowed(_surroundings.Logger, change.Current, change.Previous?.ToString() ?? "none", change.Cause, change.Epoch);
        _masterChanged.Post(change);
    }

    private async Task DisposeOnceAsync(Task<ConnectedDeployment>? attempt)
    {
        await Disposal.EndAsync(
            _surroundings.Logger,
            ("the metrics", Disposal.Of(() => Telemetry.Instruments.Remove(this))),
            ("the waiting calls", () => new(_disposed.CancelAsync())),
            ("the settings watch", () => WithinGraceAsync(_settings.DisposeAsync().AsTask())),
            ("the connection", () => attempt is null ? default : EndAsync(attempt))).ConfigureAwait(false);
        _disposed.Dispose();
    }

    // Ends what an attempt made. One that hangs in code of the user's is left alone, and what it makes is disposed of when it comes.
    private async ValueTask EndAsync(Task<ConnectedDeployment> attempt)
    {
        await ((Task)attempt).WaitAsync(Grace, _surroundings.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
            await ending.WaitAsync(Grace, _surroundings.Time).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!ending.IsCompleted)
        {
            // Code of the user's that does not look at its token: it ends by itself.
        }
    }
}
