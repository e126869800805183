using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>One Redis server.</summary>
public sealed class StandaloneRedis : RedisTopology
{
    private readonly StandaloneOptions _options;

    private StandaloneRedis(LabMachine machine, StandaloneOptions options)
        : base(machine, options.Tls, isGuest: options.Beside is not null)
    {
        _options = options;
        if (options.DataDirectory is not null)
            machine.Share(options.DataDirectory);
        var configuration = new ServerConfiguration
        {
            Directory = machine.CreateSubdirectory("node"),
            DataDirectory = options.DataDirectory,
            Port = machine.NextPort(ServerConfiguration.DefaultHost),
            Tls = Certificates,
            DemandClientCertificate = DemandsClientCertificate,
            Login = options.Password is null ? [] : [options.Password],
        };
        configuration.AddPlace(machine);
        configuration.Add("save \"\"", "appendonly yes", "appendfsync everysec");
        if (options.Password is not null)
            configuration.Add($"requirepass {ConfigurationText.Quote(options.Password)}");
        configuration.Add(options.Configuration);
        configuration.Write();
        Server = new RedisServer(machine, configuration);
    }

    /// <summary>The server.</summary>
    public RedisServer Server { get; }

    /// <inheritdoc />
    public override IEnumerable<RedisServer> Servers => [Server];

    /// <inheritdoc />
    public override IReadOnlyDictionary<string, string> EnvironmentVariables
    {
        get
        {
            var variables = new Dictionary<string, string>(TlsVariables())
            {
                ["CONVOY_REDIS_SCHEME"] = Certificates is null ? "redis" : "rediss",
                ["CONVOY_REDIS_HOST"] = Server.Host,
                ["CONVOY_REDIS_PORT"] = $"{Server.Port}",
            };
            if (_options.Password is not null)
                variables["CONVOY_REDIS_PASSWORD"] = _options.Password;
            return variables;
        }
    }

    /// <summary>Starts a server and waits until it answers.</summary>
    /// <param name="options">What it is like; by default without password and TLS.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RedisNotInstalledException">There is neither redis-server nor a container engine.</exception>
    /// <exception cref="RedisStartException">It did not start.</exception>
    public static Task<StandaloneRedis> StartAsync(StandaloneOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new StandaloneOptions();
        var redis = new StandaloneRedis(options.Beside?.Machine ?? LabMachine.Find()(), options);
        return StartAsync(redis, () => redis.Server.StartAsync(cancellationToken));
    }
}
