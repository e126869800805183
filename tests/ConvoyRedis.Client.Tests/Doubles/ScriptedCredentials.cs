namespace ConvoyRedis.Client.Tests.Doubles;

/// <summary>A credential provider that does as it is told, and counts.</summary>
internal sealed class ScriptedCredentials(Func<int, ValueTask<ConvoyRedisCredential>> give) : IConvoyRedisCredentialProvider
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken = default) => give(Interlocked.Increment(ref _calls));
}
