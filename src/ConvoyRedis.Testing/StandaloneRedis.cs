using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>One Redis server.</summary>
public sealed class StandaloneRedis : RedisTopology
{
    private readonly StandaloneOptions _options;

    private StandaloneRedis(LabDirectory directory, StandaloneOptions options)
        : base(directory, options.Tls)
    {
        _options = options;
        var configuration = new ServerConfiguration
        {
            Directory = directory.CreateSubdirectory("node"),
            Port = FreePort.Next(),
            Tls = Certificates,
            DemandClientCertificate = DemandsClientCertificate,
            Login = options.Password is null ? [] : [options.Password],
        };
        configuration.AddPlace();
        configuration.Add("save \"\"", "appendonly yes", "appendfsync everysec");
        if (options.Password is not null)
            configuration.Add($"requirepass {ConfigurationText.Quote(options.Password)}");
        configuration.Add(options.Configuration);
        configuration.Write();
        Server = new RedisServer(configuration);
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
    /// <exception cref="RedisNotInstalledException">There is no redis-server.</exception>
    /// <exception cref="RedisStartException">It did not start.</exception>
    public static Task<StandaloneRedis> StartAsync(StandaloneOptions? options = null, CancellationToken cancellationToken = default)
    {
        RedisBinary.Find();
        var redis = new StandaloneRedis(new LabDirectory(), options ?? new StandaloneOptions());
        return StartAsync(redis, () => redis.Server.StartAsync(cancellationToken));
    }
}
