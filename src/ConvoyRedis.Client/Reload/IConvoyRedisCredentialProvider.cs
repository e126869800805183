namespace ConvoyRedis.Client;

/// <summary>
/// Gives the login on the data nodes, in place of <c>username</c> and <c>password</c>: for identity tokens of cloud providers, which expire. It is
/// asked before the first connection, again before a login expires, and when the servers refuse it. The live connections then log in with the
/// new one without a break.
/// </summary>
public interface IConvoyRedisCredentialProvider
{
    /// <summary>The login as it is now. What it throws is logged, and it is asked again within seconds.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken = default);
}
