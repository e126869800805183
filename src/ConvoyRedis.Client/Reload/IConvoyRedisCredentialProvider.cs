namespace ConvoyRedis.Client;

/// <summary>
/// Provides the login for the data nodes, instead of <c>username</c> and <c>password</c>: for example identity tokens of cloud providers, which
/// expire. The library asks the provider before the first connection, before a login expires, and when a server refuses a login. The live connections
/// then log in with the new one, without interruption.
/// </summary>
public interface IConvoyRedisCredentialProvider
{
    /// <summary>
    /// Returns the current login. If a call throws, takes longer than 10 s, or returns a login that has expired or is refused, the library uses the
    /// last login, and calls again after 1 s. The pause doubles with each further such call, up to 60 s. Calls are never concurrent.
    /// </summary>
    /// <param name="cancellationToken">Cancelled after 10 s, and when the connection is disposed.</param>
    ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken = default);
}
