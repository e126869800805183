using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Reload;

/// <summary>
/// Reads the settings and the credential provider every few seconds, and at once when a login is refused, and applies changes to the
/// connection. A wrong change is logged once and not applied.
/// </summary>
/// <param name="reload">Reads the settings again; null if they cannot change.</param>
/// <param name="provider">Provides the login; null to use the settings.</param>
/// <param name="apply">Applies a target to the connection; returns whether it was fully applied.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class SettingsReloader(
    Func<ConvoyRedisOptions>? reload, IConvoyRedisCredentialProvider? provider,
    Func<ConvoyRedisTarget, bool, CancellationToken, Task<bool>> apply, ConnectionContext context) : IAsyncDisposable
{
    /// <summary>The time between two checks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>The pause at least, when the provider fails while a login expires.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>A file may be incomplete while it is being written: a change is applied if it stays the same for this long.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _disposed = new();
    private readonly Signal _wanted = new(context.Time);
    private readonly CredentialSource? _credentials = provider is null ? null : new CredentialSource(provider, context);
    private string? _loggedProblem;
    private Task _watching = Task.CompletedTask;

    /// <summary>Whether anything can change.</summary>
    public bool IsNeeded => reload is not null || _credentials is not null;

    /// <summary>The target of the current settings, or of the last valid ones if they are wrong now.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The credential provider returned no login.</exception>
    public Task<ConvoyRedisTarget> CurrentAsync(ConvoyRedisTarget last, CancellationToken cancellationToken)
    {
        var target = last;
        try
        {
            target = Read(last);
        }
        catch (Exception exception)
        {
            // Also whatever the code throws that sets options.
            LogProblem(exception);
        }

        return WithCredentialAsync(target, cancellationToken);
    }

    private async Task<ConvoyRedisTarget> WithCredentialAsync(ConvoyRedisTarget target, CancellationToken cancellationToken)
    {
        if (_credentials is null)
            return target;
        var credential = await _credentials.GetAsync(cancellationToken).ConfigureAwait(false);
        return target.WithLogin(credential.Username, credential.Password);
    }

    /// <summary>Starts checking.</summary>
    /// <param name="applied">The present target of the connection.</param>
    public void Start(ConvoyRedisTarget applied) => _watching = Background.Run(() => WatchAsync(applied));

    /// <summary>A login was refused: checks at once, unless the login is new.</summary>
    public void Look()
    {
        _credentials?.Refused();
        _wanted.Set();
    }

    public async ValueTask DisposeAsync()
    {
        await _disposed.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _disposed.Dispose();
    }

    private async Task WatchAsync(ConvoyRedisTarget applied)
    {
        var (files, isApplied) = (TlsFiles.TryDigest(applied), true);
        while (!_disposed.IsCancellationRequested)
        {
            try
            {
                await _wanted.WaitAsync(NextLook(), _disposed.Token).ConfigureAwait(false);
                var (target, targetFiles) = await ReadSettledAsync(applied, files).ConfigureAwait(false);
                if (isApplied && IsSame(applied, target) && targetFiles == files)
                    continue;
                isApplied = await apply(target, targetFiles != files, _disposed.Token).ConfigureAwait(false);
                (applied, files, _loggedProblem) = (target, targetFiles, null);
            }
            catch (OperationCanceledException) when (_disposed.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Also whatever the code throws that sets options: it is run with each look.
                LogProblem(exception);
            }
        }
    }

    private TimeSpan NextLook() =>
        _credentials?.Due is not { } due || due > Period ? Period : due > ShortestPause ? due : ShortestPause;

    private async Task<(ConvoyRedisTarget Target, string Files)> ReadSettledAsync(ConvoyRedisTarget applied, string? files)
    {
        var before = await ReadAsync(applied).ConfigureAwait(false);
        while (true)
        {
            if (IsSame(before.Target, applied) && before.Files == files)
                return before;
            await Task.Delay(Settled, context.Time, _disposed.Token).ConfigureAwait(false);
            var now = await ReadAsync(applied).ConfigureAwait(false);
            if (IsSame(before.Target, now.Target) && before.Files == now.Files)
                return now;
            before = now;
        }
    }

    private async Task<(ConvoyRedisTarget Target, string Files)> ReadAsync(ConvoyRedisTarget applied)
    {
        var target = await WithCredentialAsync(Read(applied), _disposed.Token).ConfigureAwait(false);
        return (target, TlsFiles.Digest(target));
    }

    private static bool IsSame(ConvoyRedisTarget one, ConvoyRedisTarget other) => new TargetChange(one, other).IsNone;

    private ConvoyRedisTarget Read(ConvoyRedisTarget last)
    {
        if (reload is null)
            return last;
        var target = reload().Resolve();
        return !HasFile(last) || HasFile(target) ? target
            : throw new OptionsValidationException(Options.DefaultName, typeof(ConvoyRedisOptions), ["The settings file is missing or empty."]);
    }

    // "host in convoy.json": if the file is deleted, the settings must not fall back to the defaults.
    // A part of a URL is "password in addresses in convoy.json", or in a variable "(environment)".
    private static bool HasFile(ConvoyRedisTarget target) => target.Sources.Any(source =>
        source.Value.StartsWith($"{source.Key} in ", StringComparison.OrdinalIgnoreCase) && !source.Value.EndsWith(')'));

    private void LogProblem(Exception exception)
    {
        var problem = exception is OptionsValidationException invalid ? string.Join(' ', invalid.Failures)
            : exception is ConvoyRedisConnectionException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
        if (problem == _loggedProblem)
            return;
        _loggedProblem = problem;
        Log.ReloadFailed(context.Logger, problem);
    }
}
