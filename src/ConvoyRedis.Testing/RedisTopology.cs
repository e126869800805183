using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>
/// Redis servers on loopback ports, with a temporary directory, as processes or all in one container. Disposing kills the servers and removes the
/// directory. Both also happen when the process that started them dies.
/// </summary>
public abstract class RedisTopology : IAsyncDisposable
{
    private readonly bool _isGuest;

    private protected RedisTopology(LabMachine machine, TlsSettings? tls, bool isGuest = false)
    {
        Machine = machine;
        _isGuest = isGuest;
        DemandsClientCertificate = tls?.DemandClientCertificate ?? false;
        Certificates = tls is null
            ? null
            : new TestCertificates(machine.CreateSubdirectory("certificates"), tls.ServerNames, tls.ServerLifetime, tls.IntermediateAuthority);
    }

    /// <summary>
    /// Why no topology can be started on this machine, as a reason to skip a test; null if one can. If REDIS_TESTING_BACKEND is not set,
    /// <c>redis-server</c> is used if it is installed, and a container engine otherwise.
    /// </summary>
    public static string? UnavailableReason
    {
        get
        {
            try
            {
                LabMachine.Find();
                return null;
            }
            catch (RedisNotInstalledException exception)
            {
                return exception.Message;
            }
        }
    }

    /// <summary>
    /// Returns the directory that keeps each server's log when a topology is disposed; null for none. By default it is the one that
    /// REDIS_TESTING_LOGS names. It is called at each disposal, so that tests that run at the same time can each have a directory.
    /// </summary>
    public static Func<string?> LogsDirectory { get; set; } = () => Environment.GetEnvironmentVariable("REDIS_TESTING_LOGS");

    /// <summary>The certificates; null without TLS.</summary>
    public TestCertificates? Certificates { get; }

    /// <summary>Every server, data nodes before sentinels.</summary>
    public abstract IEnumerable<RedisServer> Servers { get; }

    /// <summary>The <c>CONVOY_REDIS_*</c> variables with which a client connects to this topology.</summary>
    public abstract IReadOnlyDictionary<string, string> EnvironmentVariables { get; }

    internal LabMachine Machine { get; }

    private protected bool DemandsClientCertificate { get; }

    /// <summary>Ends the servers, and deletes their files. The files of a topology that runs beside another one are deleted with that one.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_isGuest)
                await Task.WhenAll(Servers.Select(server => server.KillAsync())).ConfigureAwait(false);
            else
                await Machine.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            Certificates?.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private protected static async Task<T> StartAsync<T>(T topology, Func<Task> start)
        where T : RedisTopology
    {
        try
        {
            await start().ConfigureAwait(false);
            return topology;
        }
        catch
        {
            await topology.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private protected IEnumerable<KeyValuePair<string, string>> TlsVariables()
    {
        if (Certificates is null)
            yield break;
        yield return new("CONVOY_REDIS_TLS_CA_CERT_FILE", Certificates.AuthorityFile);
        if (!DemandsClientCertificate)
            yield break;
        yield return new("CONVOY_REDIS_TLS_CERT_FILE", Certificates.ClientCertificateFile);
        yield return new("CONVOY_REDIS_TLS_KEY_FILE", Certificates.ClientKeyFile);
    }
}
