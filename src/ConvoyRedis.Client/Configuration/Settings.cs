namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// Every setting with its names: the one table of them. The first fourteen are those of Convoy's <c>redis</c> section, named as its
/// <c>config.RedisConfiguration</c> and its command line name them; the others are this library's own.
/// </summary>
/// <remarks>Properties and no fields, here and in the other tables of rules: mutation testing changes them within a process that has run already.</remarks>
internal static class Settings
{
    /// <summary>What the environment variables begin with.</summary>
    public const string VariablePrefix = "CONVOY_REDIS_";

    public static Setting Scheme => Text("scheme", "Scheme", "--redis-scheme");
    public static Setting Host => Text("host", "Host", "--redis-host");
    public static Setting Port => Value("port", "Port", "--redis-port");
    public static Setting Username => Text("username", "Username", "--redis-username");
    public static Setting Password => Text("password", "Password", "--redis-password") with { IsSecret = true };
    public static Setting Database => Value("database", "Database", "--redis-database");

    public static Setting Addresses => Text("addresses", "Addresses", "--redis-addresses") with
    {
        Variable = VariablePrefix + "CLUSTER_ADDRESSES",

        // Convoy's docker-compose.sentinel.yml sets this one, which its code does not read.
        VariableAlias = VariablePrefix + "ADDRESSES",
    };

    public static Setting MasterName => Text("master_name", "MasterName", "--redis-sentinel-master-name") with
    {
        Variable = VariablePrefix + "SENTINEL_MASTER_NAME",
    };

    public static Setting SentinelUsername => Text("sentinel_username", "SentinelUsername", "--redis-sentinel-username");

    public static Setting SentinelPassword =>
        Text("sentinel_password", "SentinelPassword", "--redis-sentinel-password") with { IsSecret = true };

    public static Setting TlsSkipVerify => Value("tls_skip_verify", "TlsSkipVerify");
    public static Setting TlsCertFile => Text("tls_cert_file", "TlsCertFile");
    public static Setting TlsKeyFile => Text("tls_key_file", "TlsKeyFile");
    public static Setting TlsCaCertFile => Text("tls_ca_cert_file", "TlsCaCertFile");

    public static Setting Tls => Value("tls", "Tls");
    public static Setting SentinelTls => Value("sentinel_tls", "SentinelTls");
    public static Setting TlsServerName => Text("tls_server_name", "TlsServerName");
    public static Setting FailoverMode => Value("failover_mode", "FailoverMode");
    public static Setting CommandTimeout => Value("command_timeout", "CommandTimeout");
    public static Setting ConnectTimeout => Value("connect_timeout", "ConnectTimeout");
    public static Setting HoldDeadline => Value("hold_deadline", "HoldDeadline");
    public static Setting AddressMap => Text("address_map", "AddressMap");
    public static Setting ClientName => Text("client_name", "ClientName");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Setting> All =>
    [
        Scheme, Host, Port, Username, Password, Database, Addresses, MasterName, SentinelUsername, SentinelPassword,
        TlsSkipVerify, TlsCertFile, TlsKeyFile, TlsCaCertFile,
        Tls, SentinelTls, TlsServerName, FailoverMode, CommandTimeout, ConnectTimeout, HoldDeadline, AddressMap, ClientName,
    ];

    private static Setting Text(string key, string property, string? flag = null) => Value(key, property, flag) with { IsText = true };

    private static Setting Value(string key, string property, string? flag = null) =>
        new(key, VariablePrefix + key.ToUpperInvariant(), property) { Flag = flag };
}
