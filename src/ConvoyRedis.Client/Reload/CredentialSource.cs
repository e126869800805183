using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Reload;

/// <summary>
/// Keeps the login from the credential provider, and asks for the next one before it expires or when a server refused it. A provider that fails,
/// hangs, or returns unusable logins is asked at increasing intervals; the last login is used until there is another one.
/// </summary>
/// <param name="provider">Provides logins.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class CredentialSource(IConvoyRedisCredentialProvider provider, ConnectionContext context)
{
    /// <summary>How long the provider may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The pause after the first call without a usable login; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause between two such calls.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A refusal of a login that is newer than this may come from a server that does not know it yet.</summary>
    private static readonly TimeSpan New = TimeSpan.FromSeconds(2);

    private readonly string _name = provider.GetType().Name;
    private Task<ConvoyRedisCredential>? _asking;
    private ConvoyRedisCredential? _credential;
    private ConvoyRedisConnectionException? _failure;
    private TimeSpan _pause;
    private TimeSpan? _renewAfter;
    private long _obtained;
    private long _asked;
    private bool _isFailureLogged;
    private bool _isExpiryLogged;
    private volatile bool _isRefused;

    /// <summary>The time until the provider must be asked again; null if only a refusal triggers it.</summary>
    public TimeSpan? Due
    {
        get
        {
            var pause = _pause - context.Time.GetElapsedTime(_asked);
            if (_credential is null || _isRefused)
                return pause;
            return _renewAfter is { } after ? Longer(after - context.Time.GetElapsedTime(_obtained), pause) : null;
        }
    }

    /// <summary>A server refused the login.</summary>
    public void Refused() => _isRefused = _credential is not null && context.Time.GetElapsedTime(_obtained) > New;

    /// <summary>The login to use now. Not to be called concurrently.</summary>
    /// <exception cref="ConvoyRedisConnectionException">The provider has not returned one yet.</exception>
    public async Task<ConvoyRedisCredential> GetAsync(CancellationToken cancellationToken)
    {
        if (Due <= TimeSpan.Zero)
            await AskAsync(cancellationToken).ConfigureAwait(false);
        return _credential ?? throw _failure!;
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            // On a thread of its own: it may block. One that has not ended is not called a second time.
            if (_asking is null)
                _asking = Background.Run(() => CallAsync(cancellationToken));
            var credential = await _asking.WaitAsync(Patience, context.Time, cancellationToken).ConfigureAwait(false);
            Take(credential);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            Fail(exception);
        }

        if (_asking is { IsCompleted: true })
            _asking = null;
        _asked = context.Time.GetTimestamp();
    }

    private async Task<ConvoyRedisCredential> CallAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        return await provider.GetCredentialAsync(either.Token).ConfigureAwait(false) ?? throw new InvalidOperationException("The provider returned null.");
    }

    private void Take(ConvoyRedisCredential credential)
    {
        var now = context.Time.GetUtcNow();
        var left = credential.ExpiresOn - now;
        var isUsable = left is null || left * 0.75 >= FirstPause;
        var wasRefused = _isRefused;
        (_credential, _renewAfter, _obtained) = (credential, left * 0.75, context.Time.GetTimestamp());
        (_failure, _isRefused, _isFailureLogged) = (null, false, false);
        _pause = !isUsable || wasRefused ? NextPause() : TimeSpan.Zero;
        if (!isUsable && !_isExpiryLogged)
            Log.CredentialExpired(context.Logger, _name, credential.ExpiresOn!.Value.ToString("O"), now.ToString("O"));
        _isExpiryLogged = !isUsable;
    }

    // The provider's text is not ours, and may contain anything.
    private void Fail(Exception exception)
    {
        var reason = exception is TimeoutException or OperationCanceledException ? $"no answer within {Patience.TotalSeconds} s" : exception.GetType().Name;
        _failure = new ConvoyRedisConnectionException(
            ConvoyRedisFault.Unreachable, $"Credential provider {_name} did not return a login: {reason}.", exception);
        _pause = NextPause();
        if (_credential is null || _isFailureLogged)
            return;
        _isFailureLogged = true;
        Log.CredentialNotRenewed(context.Logger, _name, reason);
    }

    // A call long after the one before has nothing to do with it.
    private TimeSpan NextPause() => context.Time.GetElapsedTime(_asked) > LongestPause * 2
        ? FirstPause : Shorter(LongestPause, Longer(FirstPause, _pause * 2));

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
