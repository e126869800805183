using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>What is said of each mistake, word for word.</summary>
public sealed class MessagesTests
{
    private const string Kubernetes = "Kubernetes sets this variable for a Service named convoy-redis (service links): set enableServiceLinks: false in the "
        + "pod's spec, or give the Service another name.";

    private const string BadDuration = "is not a duration such as 500ms, 15s or 1m30s, of at least 1ms.";
    private const string BadName = "contains characters that Redis does not accept in a client name: spaces, control characters or non-ASCII characters.";
    private const string BadAddress = "is not host or host:port (an IPv6 address in brackets).";

    /// <summary>Variables, without CONVOY_REDIS_ and joined by blanks, and each message, without the variable that it begins with.</summary>
    public static TheoryData<string, string[]> Variables => new()
    {
        { "SCHEME=rediz", ["SCHEME: 'rediz' is not a scheme; it must be redis, rediss or redis-sentinel."] },
        { "SCHEME=redis-sentinel HOST=s", ["SENTINEL_MASTER_NAME (environment) or master_name in convoy.json is missing: under redis-sentinel it is the name after "
            + "'sentinel monitor' in sentinel.conf."] },
        { "HOST=,", ["HOST contains no host."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m HOST=,", ["HOST contains no host; under redis-sentinel, list the sentinels."] },
        { "HOST=u@h", ["HOST: '***' is not a list of host or host:port (an IPv6 address in brackets); set credentials with username and password."] },
        { "HOST=a:b:c", [$"HOST: 'a:b:c' {BadAddress}"] },
        { "HOST=:1", [$"HOST: ':1' {BadAddress}"] },
        { "HOST=[::1", [$"HOST: '[::1' {BadAddress}"] },
        { "HOST=h:0", ["HOST: 'h:0': '0' is not a port number between 1 and 65535."] },
        { "PORT=x", ["PORT: 'x' is not a port number between 1 and 65535."] },
        { "PORT=tcp://10.0.0.1:6379", [$"PORT: 'tcp://***' is not a port number between 1 and 65535. {Kubernetes}"] },
        { "DATABASE=x", ["DATABASE: 'x' is not a database number."] },
        { "DATABASE=1 HOST=a,b", ["DATABASE: '1' cannot be used: several addresses mean a cluster, which has only database 0."] },
        { "TLS_CERT_FILE=c", ["TLS_CERT_FILE is given without tls_key_file (CONVOY_REDIS_TLS_KEY_FILE)."] },
        { "TLS_KEY_FILE=k", ["TLS_KEY_FILE is given without tls_cert_file (CONVOY_REDIS_TLS_CERT_FILE)."] },
        { "SCHEME=rediss TLS=false", ["TLS: 'false' contradicts the scheme rediss, which means TLS."] },
        { "TLS_CA_CERT_FILE=c TLS=false", ["TLS: 'false' contradicts the other TLS settings, which would have no effect."] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m TLS_CA_CERT_FILE=c TLS=false", [] },
        { "SCHEME=redis-sentinel SENTINEL_MASTER_NAME=m TLS_CA_CERT_FILE=c TLS=false SENTINEL_TLS=false",
            ["TLS: 'false' contradicts the other TLS settings, which would have no effect."] },
        { "TLS=false", [] },
        { "TLS=maybe", ["TLS: 'maybe' is not a boolean; use true, false, 1, 0, t or f."] },
        { "FAILOVER_MODE=0", ["FAILOVER_MODE: '0' is not a failover mode; it must be eager or announced."] },
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
        { "CLUSTER_ADDRESSES=a,b ADDRESSES=a,c", ["ADDRESSES (environment) and CONVOY_REDIS_CLUSTER_ADDRESSES are the same setting but differ; remove one of them."] },
        { "PASSWORD=p PASSWORD_FILE=f", ["PASSWORD_FILE: CONVOY_REDIS_PASSWORD is set as well; set only one of the two."] },
        { "PASSWORD_FILE=/there/is/none", ["PASSWORD_FILE: the file '/there/is/none' cannot be read: it does not exist."] },
        { "PASSWORD_FILE=/proc/self", ["PASSWORD_FILE: the file '/proc/self' cannot be read: access is denied."] },
        { "CLUSTER_ADDRESSES=http://h", ["CLUSTER_ADDRESSES: 'http://***' does not begin with redis://, rediss:// or redis-sentinel://."] },
        { "CLUSTER_ADDRESSES=https://h", ["CLUSTER_ADDRESSES: 'https://***' does not begin with redis://, rediss:// or redis-sentinel://."] },
        { "CLUSTER_ADDRESSES=tcp://h", ["CLUSTER_ADDRESSES: 'tcp://***' does not begin with redis://, rediss:// or redis-sentinel://."] },
        { "CLUSTER_ADDRESSES=unix://h", ["CLUSTER_ADDRESSES: 'unix://***' does not begin with redis://, rediss:// or redis-sentinel://."] },
        { "CLUSTER_ADDRESSES=pass://h", ["CLUSTER_ADDRESSES: '***' does not begin with redis://, rediss:// or redis-sentinel://."] },
        { "CLUSTER_ADDRESSES=://h", ["CLUSTER_ADDRESSES: '***' does not begin with redis://, rediss:// or redis-sentinel://."] },
    };

    /// <summary>URIs, and what is said of each.</summary>
    public static TheoryData<string, string> Uris => new()
    {
        { "h:6379", "'h:6379' does not begin with redis://, rediss:// or redis-sentinel://." },
        { "redis://h#f", "'redis://***' has a fragment (#), which is not supported." },
        { "redis://:p@ss@h", $"'redis://***' {Encoded}" },
        { "redis://:p/ss@h", $"'redis://***' {Encoded}" },
        { "redis://:p%zz@h", "'redis://***' has a % in its user or password that does not start a percent-encoded character; write it as %25." },
        { "redis://:p%4@h", "'redis://***' has a % in its user or password that does not start a percent-encoded character; write it as %25." },
        { "redis://a,,b", "'redis://***' does not list its hosts as host or host:port, separated by commas." },
        { "redis://h/0/1", "'redis://***' has more than a database number in its path." },
        { "redis://h?unknown=1", "'redis://***' has an unknown parameter; use master or a key of convoy.json's redis section." },
        { "redis://h?database", "'redis://***' has the parameter database without a value, or with one that is not percent-encoded." },
        { "redis://h?client_name=%", "'redis://***' has the parameter client_name without a value, or with one that is not percent-encoded." },
        { "redis://h/1?database=2", "'redis://***' gives database twice." },
    };

    private const string Encoded = "has characters in its user or password that must be percent-encoded (@ as %40, / as %2F, ? as %3F, # as %23).";

    [Theory]
    [MemberData(nameof(Variables))]
    public void Variables_Wrong_AreToldAsThis(string variables, string[] expected)
    {
        var options = Loading.Environment([.. variables.Split(' ').Select(variable => variable.Split('=', 2)).Select(pair => ($"CONVOY_REDIS_{pair[0]}", pair[1]))]);

        Assert.Equal(expected.Select(Written), Problems(options));
    }

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
                "redis:Addresses (configuration) must be a single value.",
                "redis:Host (configuration) must be a single value.",
                "redis:PasswordFile (configuration): password is set as well; set only one of the two.",
            ],
            Problems(options).Order(StringComparer.Ordinal));
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

    // "NAME …" as it stands in a message: with the prefix, and where it was written.
    private static string Written(string message)
    {
        var name = message[..message.IndexOfAny([':', ' '])];
        var rest = message[name.Length..];
        return $"CONVOY_REDIS_{name}{(rest.StartsWith(" (environment)", StringComparison.Ordinal) ? "" : " (environment)")}{rest}";
    }

    private static IReadOnlyList<string> Problems(ConvoyRedisOptions options)
    {
        try
        {
            options.Resolve();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
    }
}
