using System.Net;
using System.Reflection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// The options of the multiplexer that come from the settings, and what the caller's own <see cref="ConvoyRedisOptions.ConfigureMultiplexer"/> makes of
/// them. It may set what does not concern how nodes are found and reached: anything else is refused by name, since it would end the promise of
/// this library or have no effect.
/// </summary>
internal static class CallersOptions
{
    // Timeouts are noticed on a heartbeat, and after the first failure in a row only a heartbeat reconnects.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(250);

    private static readonly LinearRetry NoPolicy = new(maxRetryElapsedTimeAllowedMilliseconds: 1000);

    // Defaults show in the other options.
    private static readonly string[] Free =
    [
        nameof(ConfigurationOptions.Defaults),
        nameof(ConfigurationOptions.AllowAdmin), nameof(ConfigurationOptions.ChannelPrefix), nameof(ConfigurationOptions.ConfigCheckSeconds),
        nameof(ConfigurationOptions.DefaultVersion), nameof(ConfigurationOptions.HeartbeatConsistencyChecks),
        nameof(ConfigurationOptions.IncludeDetailInExceptions), nameof(ConfigurationOptions.IncludePerformanceCountersInExceptions),
        nameof(ConfigurationOptions.KeepAlive), nameof(ConfigurationOptions.LibraryName), nameof(ConfigurationOptions.RequestBufferPool),
        nameof(ConfigurationOptions.ResponseBufferPool), nameof(ConfigurationOptions.SetClientLibrary),
    ];

    // What is not here follows from how the master is followed.
    private static readonly Dictionary<string, string> Remedies = new()
    {
        [nameof(ConfigurationOptions.AsyncTimeout)] = Use(Settings.CommandTimeout),
        [nameof(ConfigurationOptions.SyncTimeout)] = Use(Settings.CommandTimeout),
        [nameof(ConfigurationOptions.ConnectTimeout)] = Use(Settings.ConnectTimeout),
        [nameof(ConfigurationOptions.ClientName)] = Use(Settings.ClientName),
        [nameof(ConfigurationOptions.DefaultDatabase)] = Use(Settings.Database),
        [nameof(ConfigurationOptions.User)] = Use(Settings.Username),
        [nameof(ConfigurationOptions.Password)] = Use(Settings.Password),
        [nameof(ConfigurationOptions.SentinelUser)] = Use(Settings.SentinelUsername),
        [nameof(ConfigurationOptions.SentinelPassword)] = Use(Settings.SentinelPassword),
        [nameof(ConfigurationOptions.ServiceName)] = Use(Settings.MasterName),
        [nameof(ConfigurationOptions.EndPoints)] = Use(Settings.Addresses),
        [nameof(ConfigurationOptions.Ssl)] = "set scheme to rediss",
        [nameof(ConfigurationOptions.LoggerFactory)] = "the connection logs to the services' own",
        ["CertificateValidationCallback"] = $"use {Settings.TlsCaCertFile.Key}, {Settings.TlsServerName.Key} or {Settings.TlsSkipVerify.Key}",
        ["CertificateSelectionCallback"] = $"use {Settings.TlsCertFile.Key} and {Settings.TlsKeyFile.Key}",
        [nameof(ConfigurationOptions.Protocol)] = "subscriptions need a connection of their own, which they have with RESP2 only",
    };

    /// <summary>The options that the settings and the caller decide.</summary>
    /// <param name="target">The settings.</param>
    /// <param name="refused">Receives a sentence for each option that the caller may not set.</param>
    public static ConfigurationOptions Create(ConvoyRedisTarget target, Action<string> refused)
    {
        var timeout = (int)target.CommandTimeout.TotalMilliseconds;
        var options = new ConfigurationOptions
        {
            AbortOnConnectFail = false,
            AsyncTimeout = timeout,
            SyncTimeout = timeout,
            ConnectTimeout = (int)target.ConnectTimeout.TotalMilliseconds,
            HeartbeatInterval = Heartbeat,
            BacklogPolicy = BacklogPolicy.Default,
            DefaultDatabase = target.Database,
            ClientName = target.ClientName,

            // RESP3 is the default of StackExchange.Redis 3; on it, subscriptions share the connection of the commands.
            Protocol = RedisProtocol.Resp2,

            // TLS is below, in the tunnel. By default, StackExchange.Redis uses it at the ports of Azure as well.
            Ssl = false,

            // StackExchange.Redis clients inform each other of a new master this way; here the sentinels announce it.
            TieBreaker = "",
            ConfigurationChannel = "",

            // By default these are not the same each time they are read, or the same as others. The tunnel brings its own policy, and logs in.
            ReconnectRetryPolicy = NoPolicy,
            SentinelUser = "",
            SentinelPassword = "",
        };
        if (target.Topology == ConvoyRedisTopology.Cluster)
        {
            foreach (var node in target.Endpoints)
                options.EndPoints.Add(new DnsEndPoint(node.Host, node.Port));
        }

        if (target.ConfigureMultiplexer is { } configure)
            Configure(options, configure, refused);
        return options;
    }

    private static void Configure(ConfigurationOptions options, Action<ConfigurationOptions> configure, Action<string> refused)
    {
        const string Name = nameof(ConvoyRedisOptions.ConfigureMultiplexer);

        // Reading an option decides for good which defaults apply: only of copies.
        var before = options.Clone();
        try
        {
            configure(options);
        }
        catch (Exception exception)
        {
            refused($"{Name} threw {exception.GetType().Name}: {exception.Message}");
        }

        var after = options.Clone();
        foreach (var property in Fixed().Where(property => !Equals(Value(property, before), Value(property, after))))
        {
            var remedy = Remedies.GetValueOrDefault(property.Name, "this library decides it, since it finds and reaches the nodes");
            refused($"{Name} sets {property.Name}, which it may not: {remedy}.");
        }
    }

    // The events that decide about certificates are properties internally.
    private static IEnumerable<PropertyInfo> Fixed() =>
        typeof(ConfigurationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetMethod is not null && property.GetMethod.GetParameters().Length == 0 && !Free.Contains(property.Name))
            .Append(typeof(ConfigurationOptions).GetProperty("CertificateValidationCallback", BindingFlags.NonPublic | BindingFlags.Instance))
            .Append(typeof(ConfigurationOptions).GetProperty("CertificateSelectionCallback", BindingFlags.NonPublic | BindingFlags.Instance))
            .OfType<PropertyInfo>();

    private static object? Value(PropertyInfo property, ConfigurationOptions options) =>
        property.GetValue(options) is EndPointCollection endpoints ? string.Join(',', endpoints) : property.GetValue(options);

    private static string Use(Setting setting) => $"use {setting.Key}";
}
