namespace ConvoyRedis.Client;

/// <summary>
/// Provides the login for the data nodes instead of <c>username</c> and <c>password</c>, for example identity tokens of cloud providers, which expire. It is
/// asked before the first connection, before a login expires, and when the servers refuse a login. The live connections then log in with the
/// new one without interruption.
/// </summary>
public interface IConvoyRedisCredentialProvider
{
    /// <summary>
    /// Returns the current login. After a call that throws, takes longer than 10 s, or returns a login that has expired or is refused, the next call follows
    /// after at least 1 s; the pause doubles with each further such call, up to 60 s. Until then, the last login is used. Calls are never concurrent.
    /// </summary>
    /// <param name="cancellationToken">Cancelled after 10 s, and when the connection is disposed.</param>
    ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken = default);
}
