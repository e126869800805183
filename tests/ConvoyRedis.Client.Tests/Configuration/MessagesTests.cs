using Microsoft.Extensions.Configuration;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>What is said of each mistake, word for word.</summary>
public sealed class MessagesTests
{
    private const string Kubernetes = "Kubernetes sets this variable for a Service named convoy-redis (service links): set enableServiceLinks: false in the "
        + "pod's spec, or give the Service another name.";

    private const string BadDuration = "is not a duration such as 500ms, 15s or 1m30s, from 1ms to 2147483647ms.";
    private const string BadName = "contains characters that Redis does not accept in a client name: spaces, control characters or non-ASCII characters.";
    private const string BadAddress = "is not host or host:port (an IPv6 address with a port in brackets).";

    /// <summary>Variables, without CONVOY_REDIS_ and joined by blanks, and each message, without the variable that it begins with.</summary>
    public static TheoryData<string, string[]> Variables => new()
    {
        { "SCHEME=rediz", ["SCHEME: 'rediz' is not a scheme; it must be redis, rediss or redis-sentinel."] },
        { "SCHEME=redis-sentinel HOST=s", ["SENTINEL_MASTER_NAME (environment) or master_name in convoy.json is missing: under redis-sentinel it is the name after "
            + "'sentinel monitor' in sentinel.conf."] },
        { "HOST=,", ["HOST contains no host."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m HOST=,", ["HOST contains no host; under redis-sentinel, list the sentinels."] },
        { "HOST=u@h", ["HOST: '***' is not a list of host or host:port (an IPv6 address with a port in brackets); set credentials with username and password."] },
        { "HOST=a:b:c", [$"HOST: 'a:b:c' {BadAddress}"] },
        { "HOST=:1", [$"HOST: ':1' {BadAddress}"] },
        { "HOST=[::1", [$"HOST: '[::1' {BadAddress}"] },
        { "HOST=h:0", ["HOST: 'h:0': '0' is not a port number between 1 and 65535."] },
        { "PORT=x", ["PORT: 'x' is not a port number between 1 and 65535."] },
        { "PORT=tcp://10.0.0.1:6379", [$"PORT: 'tcp://***' is not a port number between 1 and 65535. {Kubernetes}"] },
        { "DATABASE=x", ["DATABASE: 'x' is not a database number between 0 and 2147483647."] },
        { "DATABASE=1 HOST=a,b", ["DATABASE: '1' cannot be used: several addresses mean a cluster, which has only database 0."] },
        { "TLS_CERT_FILE=c", ["TLS_CERT_FILE is given without tls_key_file (CONVOY_REDIS_TLS_KEY_FILE)."] },
        { "TLS_KEY_FILE=k", ["TLS_KEY_FILE is given without tls_cert_file (CONVOY_REDIS_TLS_CERT_FILE)."] },
        { "SCHEME=rediss TLS=false", ["TLS: 'false' contradicts the scheme rediss, which means TLS."] },
        { "TLS_CA_CERT_FILE=c TLS=false", ["TLS: 'false' contradicts the other TLS settings, which would have no effect."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m TLS_CA_CERT_FILE=c TLS=false", ["TLS: 'false' contradicts the other TLS settings, which would have no effect."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m TLS_CA_CERT_FILE=c TLS=false SENTINEL_TLS=true", [] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m TLS_CA_CERT_FILE=c TLS=false SENTINEL_TLS=false",
            ["TLS: 'false' contradicts the other TLS settings, which would have no effect."] },
        { "TLS=false", [] },
        { "TLS=maybe", ["TLS: 'maybe' is not a boolean; use true, True, TRUE, t, T or 1, or false, False, FALSE, f, F or 0."] },
        { "FAILOVER_MODE=0", ["FAILOVER_MODE: '0' is not a failover mode; it must be eager or announced.", Unused("FAILOVER_MODE")] },
        { "FAILOVER_MODE=eager,announced",
            ["FAILOVER_MODE: 'eager,announced' is not a failover mode; it must be eager or announced.", Unused("FAILOVER_MODE")] },
        { "FAILOVER_MODE=Announced", [] },
        { "COMMAND_TIMEOUT=15", [$"COMMAND_TIMEOUT: '15' {BadDuration}"] },
        { "COMMAND_TIMEOUT=0", [$"COMMAND_TIMEOUT: '0' {BadDuration}"] },
        { "CONNECT_TIMEOUT=999us", [$"CONNECT_TIMEOUT: '999us' {BadDuration}"] },
        { "CONNECT_TIMEOUT=1ms", [] },
        { "CONNECT_TIMEOUT=2147483647ms", [] },
        { "CONNECT_TIMEOUT=2147483648ms", [$"CONNECT_TIMEOUT: '2147483648ms' {BadDuration}"] },
        { "HOLD_DEADLINE=8s", ["HOLD_DEADLINE: '8s' must be less than half of command_timeout, which is 15s."] },
        { "HOLD_DEADLINE=1s COMMAND_TIMEOUT=2s", ["HOLD_DEADLINE: '1s' must be less than half of command_timeout, which is 2s."] },
        { "ADDRESS_MAP=a=b@c", ["ADDRESS_MAP: '***' is not a list of announced=reachable pairs."] },
        { "ADDRESS_MAP=a", ["ADDRESS_MAP: 'a' is not of the form announced=reachable, for example 10.0.0.1:6379=127.0.0.1:7001."] },
        { "ADDRESS_MAP=a=b,,a:6379=c,", ["ADDRESS_MAP: a:6379 is mapped twice."] },
        { "ADDRESS_MAP=a:x=b:y", ["ADDRESS_MAP: 'a:x': 'x' is not a port number between 1 and 65535.", "ADDRESS_MAP: 'b:y': 'y' is not a port number between 1 and 65535."] },
        { "CLIENT_NAME=ä", [$"CLIENT_NAME: 'ä' {BadName}"] },
        { "CLIENT_NAME=a\u007f", [$"CLIENT_NAME: 'a\u007f' {BadName}"] },
        { "CLIENT_NAME=!~", [] },
        { "PASSWORD=p PASSWORD_FILE=f", ["PASSWORD_FILE: CONVOY_REDIS_PASSWORD is set as well; set only one of the two."] },
        { "PASSWORD_FILE=/there/is/none", ["PASSWORD_FILE: the file '/there/is/none' cannot be read: it does not exist."] },
        { "PASSWORD_FILE=/proc/self", ["PASSWORD_FILE: the file '/proc/self' cannot be read: access is denied."] },
        { "CLUSTER_ADDRESSES=http://h", ["CLUSTER_ADDRESSES: 'http://***' does not begin with redis://, rediss://, redis-sentinel:// or unix://."] },
        { "CLUSTER_ADDRESSES=https://h", ["CLUSTER_ADDRESSES: 'https://***' does not begin with redis://, rediss://, redis-sentinel:// or unix://."] },
        { "CLUSTER_ADDRESSES=tcp://h", ["CLUSTER_ADDRESSES: 'tcp://***' does not begin with redis://, rediss://, redis-sentinel:// or unix://."] },
        { "CLUSTER_ADDRESSES=unix://h", ["CLUSTER_ADDRESSES: 'unix://***' does not name a Unix socket by its whole path, for example unix:///run/redis/redis.sock."] },
        { "CLUSTER_ADDRESSES=pass://h", ["CLUSTER_ADDRESSES: '***' does not begin with redis://, rediss://, redis-sentinel:// or unix://."] },
        { "CLUSTER_ADDRESSES=redis://h SCHEME=rediss", ["SCHEME: 'rediss' contradicts CONVOY_REDIS_CLUSTER_ADDRESSES (environment), a URL that begins with redis://; "
            + "make them the same."] },
        { "CLUSTER_ADDRESSES=/s SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m", ["CLUSTER_ADDRESSES: '/s' is a Unix socket, which cannot be used under redis-sentinel."] },
        { "CLUSTER_ADDRESSES=/s TLS=true", ["CLUSTER_ADDRESSES names a Unix socket, which has no TLS; remove the TLS settings."] },
        { "CLUSTER_ADDRESSES=unix:///s SCHEME=rediss", ["SCHEME: 'rediss' contradicts CONVOY_REDIS_CLUSTER_ADDRESSES (environment), a URL that begins with unix://; "
            + "a Unix socket has neither TLS nor sentinels."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m SENTINEL_TLS_CA_CERT_FILE=c SENTINEL_TLS=false",
            ["SENTINEL_TLS: 'false' contradicts the other sentinel_tls settings, which would have no effect.",
                $"{Warning}CONVOY_REDIS_SENTINEL_TLS_CA_CERT_FILE (environment) has no effect: TLS to the sentinels is not used."] },
        { "CLUSTER_ADDRESSES=://h", ["CLUSTER_ADDRESSES: '***' does not begin with redis://, rediss://, redis-sentinel:// or unix://."] },
    };

    /// <summary>Variables in the same form that are right, and the warnings of them, without the variable.</summary>
    public static TheoryData<string, string[]> Warnings => new()
    {
        { "HOST=h CLUSTER_ADDRESSES=a:1", ["HOST has no effect: CONVOY_REDIS_CLUSTER_ADDRESSES (environment) is used instead."] },
        { "PORT=7 HOST=h:1", ["PORT has no effect: every address has a port of its own."] },
        { "PORT=7 HOST=h:1,i", [] },
        { "PORT=7 CLUSTER_ADDRESSES=a:1", ["PORT has no effect: every address has a port of its own."] },
        { "PASSWORD=p CLUSTER_ADDRESSES=redis://h", ["PASSWORD has no effect: the URL of CONVOY_REDIS_CLUSTER_ADDRESSES (environment) is used as it is."] },
        { "SCHEME=redis CLUSTER_ADDRESSES=rediss://h", ["SCHEME has no effect: the URL of CONVOY_REDIS_CLUSTER_ADDRESSES (environment) is used as it is."] },
        { "ADDRESSES=a:1 CLUSTER_ADDRESSES=b:1", ["ADDRESSES has no effect: it differs from CONVOY_REDIS_CLUSTER_ADDRESSES, which is used."] },
        { "CLUSTER_ADDRESSES=redis://h?pool_size=9", ["CLUSTER_ADDRESSES has the parameter pool_size, which has no effect here."] },
        { "CLUSTER_ADDRESSES=redis://h?dial_timeout=0", ["CLUSTER_ADDRESSES has the parameter dial_timeout without a limit, which has no effect: there always is one here."] },
        { "USERNAME=u", ["USERNAME has no effect: there is no password, and thus no login."] },
        { "SENTINEL_TLS=true SENTINEL_USERNAME=u",
            ["SENTINEL_USERNAME has no effect: only redis-sentinel uses it.", "SENTINEL_TLS has no effect: only redis-sentinel uses it."] },
        { "TLS_SERVER_NAME=n", ["TLS_SERVER_NAME has no effect: TLS is not used."] },
        { "TLS_CA_CERT_FILE=c TLS_SKIP_VERIFY=1", ["TLS_CA_CERT_FILE has no effect: tls_skip_verify accepts any certificate."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m TLS=false TLS_CA_CERT_FILE=c SENTINEL_TLS_CA_CERT_FILE=d",
            ["TLS_CA_CERT_FILE has no effect: TLS to the nodes is not used, and the sentinels have their own."] },
        { "TLS_ENABLED=1", ["TLS_ENABLED is not read, neither here nor by Convoy: for TLS, set scheme (CONVOY_REDIS_SCHEME) to rediss, or tls (CONVOY_REDIS_TLS) under "
            + "redis-sentinel."] },
        { "DSN=redis://:p@h", ["DSN is not read, neither here nor by Convoy: set addresses (CONVOY_REDIS_CLUSTER_ADDRESSES) to the URL."] },
    };

    /// <summary>URIs, and what is said of each.</summary>
    public static TheoryData<string, string> Uris => new()
    {
        { "h:6379", "'h:6379' does not begin with redis://, rediss://, redis-sentinel:// or unix://." },
        { "redis://h#f", "'redis://***' has a fragment (#), which is not supported." },
        { "redis://:p@s?s@h", $"'redis://***' {Encoded}" },
        { "redis://:p/ss@h", $"'redis://***' {Encoded}" },
        { "redis://:p%zz@h", "'redis://***' has a % in its user or password that does not start a percent-encoded character (UTF-8); write it as %25." },
        { "redis://:p%ff@h", "'redis://***' has a % in its user or password that does not start a percent-encoded character (UTF-8); write it as %25." },
        { "redis://:p%4@h", "'redis://***' has a % in its user or password that does not start a percent-encoded character (UTF-8); write it as %25." },
        { "redis://a,,b", "'redis://***' does not list its hosts as host or host:port, separated by commas." },
        { "redis://h/0/1", "'redis://***' has more than a database number in its path." },
        { "redis://h?unknown=1", "'redis://***' has an unknown parameter; use master, a key of convoy.json's redis section, or an option of go-redis." },
        { "redis://h?database", "'redis://***' has the parameter database without a value, or with one that is not percent-encoded." },
        { "redis://h?client_name=%", "'redis://***' has the parameter client_name without a value, or with one that is not percent-encoded." },
        { "redis://h/1?database=2", "'redis://***' gives database twice." },
        { "redis://h?db=1&db=2", "'redis://***' gives database twice." },
        { "redis://h?skip_verify=true", "'redis://***' has the parameter skip_verify, which belongs to rediss://." },
        { "unix://run/redis.sock", "'unix://***' does not name a Unix socket by its whole path, for example unix:///run/redis/redis.sock." },
        { "unix:///", "'unix://***' does not name a Unix socket by its whole path, for example unix:///run/redis/redis.sock." },
        { "redis://a,redis://b/1", $"'redis://***' {Differ}" },
        { "redis://a,rediss://b", $"'redis://***' {Differ}" },
        { "redis://:p@a,redis://:q@b", $"'redis://***' {Differ}" },
        { "redis://:p@a,redis://b", $"'redis://***' {Differ}" },
        { "redis://a,http://b", "'http://***' does not begin with redis://, rediss://, redis-sentinel:// or unix://." },
        { "unix:///a,unix:///b", "'unix://***' lists a Unix socket beside other addresses; it must be the only one." },
    };

    private const string Differ = "lists URLs that differ in more than their hosts; scheme, login, database and parameters must be the same.";
    private const string Encoded =
        "has characters in its user or password that must be percent-encoded (/ as %2F, ? as %3F, # as %23), or an @ after them (%40).";

    private const string Warning = "Warning: ";

    [Theory]
    [MemberData(nameof(Variables))]
    public void Variables_Wrong_AreToldAsThis(string variables, string[] expected) =>
        Assert.Equal(expected.Select(text => text.StartsWith(Warning, StringComparison.Ordinal) ? text : Written(text)), Loading.Failures(Load(variables)));

    [Theory]
    [MemberData(nameof(Warnings))]
    public void Variables_WithoutEffect_AreWarnedOfAsThis(string variables, string[] expected) =>
        Assert.Equal(expected.Select(Written), Load(variables).Resolve().Warnings);

    [Theory]
    [MemberData(nameof(Uris))]
    public void Uri_Wrong_IsToldAsThis(string uri, string expected) =>
        Assert.Equal($"the URI: {expected}", Assert.Throws<FormatException>(() => ConvoyRedisOptions.Parse(uri)).Message);

    [Fact]
    public void Section_Wrong_IsToldAsThis()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["redis:Password"] = "p",
            ["redis:PasswordFile"] = "f",
            ["redis:Host:0"] = "h",
            ["redis:Addresses:0:x"] = "h",
            ["redis:Hots"] = "h",
        }).Build().GetSection("redis");

        var options = ConvoyRedisOptions.Load(section);

        Assert.Equal(
            [
                "Warning: redis:Hots (configuration) is not a setting; did you mean host?",
                "redis:Addresses (configuration) must be a single value.",
                "redis:Host (configuration) must be a single value.",
                "redis:PasswordFile (configuration): password is set as well; set only one of the two.",
            ],
            Loading.Failures(options).Order(StringComparer.Ordinal));
        Assert.Equal(["redis:Hots (configuration) is not a setting; did you mean host?"], options.Values.Warnings);
    }

    [Fact]
    public void Section_EmptyPasswordBesideItsFile_IsThatOfTheFile()
    {
        using var directory = new TemporaryDirectory();
        var options = ConvoyRedisOptions.Load(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Password"] = "",
            ["PasswordFile"] = directory.Write("password", "secret\n"),
            ["Addresses:0"] = "a",
            ["Addresses:1"] = "b",
        }).Build());

        var target = options.Resolve();

        Assert.Equal("secret", target.Password);
        Assert.Equal("Cluster a:6379,b:6379", target.ToString());
        Assert.Equal($"PasswordFile (configuration) '{Path.Combine(directory.Path, "password")}'", target.Sources["password"]);
    }

    private static ConvoyRedisOptions Load(string variables) =>
        Loading.Environment([.. variables.Split(' ').Select(variable => variable.Split('=', 2)).Select(pair => ($"CONVOY_REDIS_{pair[0]}", pair[1]))]);

    private static string Unused(string name) => $"{Warning}CONVOY_REDIS_{name} (environment) has no effect: only redis-sentinel uses it.";

    // "NAME …" as it stands in a message: with the prefix, and where it was written.
    private static string Written(string message)
    {
        var name = message[..message.IndexOfAny([':', ' '])];
        var rest = message[name.Length..];
        return $"CONVOY_REDIS_{name}{(rest.StartsWith(" (environment)", StringComparison.Ordinal) ? "" : " (environment)")}{rest}";
    }
}
