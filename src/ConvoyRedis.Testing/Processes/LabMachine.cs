namespace ConvoyRedis.Testing.Processes;

/// <summary>Where the servers of a topology run: their directory, their ports, and how they are started.</summary>
internal abstract class LabMachine : IAsyncDisposable
{
    private const string BackendVariable = "REDIS_TESTING_BACKEND";
    private const string Processes = "processes";
    private const string Containers = "containers";

    private readonly LabDirectory _directory = new();

    /// <summary>What it takes to start servers here: <c>redis-server</c> or a container engine, as REDIS_TESTING_BACKEND says or as there is one.</summary>
    /// <exception cref="RedisNotInstalledException">There is neither, or not the one that was asked for.</exception>
    /// <exception cref="RedisStartException">REDIS_TESTING_BACKEND names nothing that we know.</exception>
    public static Func<LabMachine> Find()
    {
        var backend = Environment.GetEnvironmentVariable(BackendVariable);
        var binary = backend is Containers ? null : RedisBinary.Find();
        return (backend, binary) switch
        {
            (null or "" or Processes, not null) => () => new LocalMachine(binary, RedisBinary.FindSentinel(binary)),
            (Processes, null) => throw new RedisNotInstalledException($"{BackendVariable} is '{Processes}', but there is no redis-server on the PATH."),
            (Containers, _) when !ContainerMachine.HasEngine =>
                throw new RedisNotInstalledException($"{BackendVariable} is '{Containers}', but no container engine answers."),
            (null or "", null) when !ContainerMachine.HasEngine =>
                throw new RedisNotInstalledException("There is no redis-server on the PATH, and no container engine answers."),
            (null or "" or Containers, null) => () => new ContainerMachine(),
            _ => throw new RedisStartException($"{BackendVariable} is '{backend}'; it must be '{Processes}' or '{Containers}'."),
        };
    }

    /// <summary>Whether the port of a cluster's bus can be chosen (<c>cluster-port</c>, since Redis 7.0); else it is the port + 10000.</summary>
    public virtual bool HasClusterPort => true;

    /// <summary>The directory with everything of the topology.</summary>
    protected string Root => _directory.Root;

    public string CreateSubdirectory(string name) => _directory.CreateSubdirectory(name);

    /// <summary>A port that is free on this loopback address, and leads to a server that listens on it.</summary>
    public virtual int NextPort(string host) => FreePort.Next();

    /// <summary>Lets the servers see a further directory.</summary>
    public virtual void Share(string directory)
    {
    }

    /// <summary>What a server that is reached on this loopback address must have in its configuration to listen there.</summary>
    public abstract IEnumerable<string> Listen(string host);

    /// <summary>Starts redis-server, or a sentinel.</summary>
    /// <param name="directory">Where it begins; its pid file goes there, and what it says before it has a log.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public abstract Task<ServerProcess> StartServerAsync(string directory, IEnumerable<string> arguments, CancellationToken cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (RedisTopology.LogsDirectory() is { Length: > 0 } kept)
                KeepLogs(kept);
            await StopAsync().ConfigureAwait(false);
        }
        finally
        {
            await _directory.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends all servers.</summary>
    protected abstract Task StopAsync();

    /// <summary>The command that starts a server: a shell that gives way to it, and keeps it away from our standard streams.</summary>
    protected static string[] Command(string pidFile, string directory, IEnumerable<string> serverAndArguments) =>
        ["-c", $"cd \"$1\" && echo $$ >\"$0\" && shift && exec \"$@\" </dev/null >>{ServerConfiguration.LogName} 2>&1", pidFile, directory, .. serverAndArguments];

    // Where they cannot be kept they are not: whoever disposes a topology has something else to tell.
    private void KeepLogs(string directory)
    {
        try
        {
            var own = Directory.CreateDirectory(Path.Combine(directory, Path.GetFileName(Root))).FullName;
            foreach (var server in Directory.EnumerateDirectories(Root))
            {
                var log = Path.Combine(server, ServerConfiguration.LogName);
                if (File.Exists(log))
                    File.Copy(log, Path.Combine(own, $"{Path.GetFileName(server)}.log"), overwrite: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
