using Microsoft.Extensions.Configuration;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>The properties of the options, and what they mean together.</summary>
public sealed class OptionsTests
{
    [Fact]
    public void Describe_Settings_MasksSecretsAndSaysWhereEachWasWritten()
    {
        var options = Loading.Environment(("CONVOY_REDIS_HOST", "h"), ("CONVOY_REDIS_PASSWORD", "secret"), ("CONVOY_REDIS_SENTINEL_PASSWORD", ""));
        options.TlsSkipVerify = true;

        Assert.Equal("host=h, password=***, sentinel_password=, tls_skip_verify=true", options.ToString());
        Assert.Equal(
            ["CONVOY_REDIS_HOST (environment)", "CONVOY_REDIS_PASSWORD (environment)", "CONVOY_REDIS_SENTINEL_PASSWORD (environment)", "TlsSkipVerify (code)"],
            options.Describe().Select(setting => setting.Source));
    }

    [Fact]
    public void Properties_SetAndTakenBack_AreThatAndTheDefault()
    {
        var options = new ConvoyRedisOptions();
        Assert.False(options.TlsSkipVerify);
        options.TlsSkipVerify = true;
        Assert.True(options.TlsSkipVerify);
        options.TlsSkipVerify = false;
        Assert.Equal("tls_skip_verify=false", options.ToString());

        options.Host = "h";
        options.Host = null;
        Assert.Equal("Standalone localhost:6379", options.Resolve().ToString());
    }

    [Theory]
    [InlineData("5s", 5)]
    [InlineData("wrong", 15)]
    [InlineData("", 15)]
    public void CommandTimeout_IsWhatWasWrittenOrTheDefault(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Loading.Environment(("CONVOY_REDIS_COMMAND_TIMEOUT", text)).CommandTimeout);

    [Fact]
    public void HoldDeadline_ByDefault_IsBelowHalfOfAShortCommandTimeout()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), new ConvoyRedisOptions().Resolve().HoldDeadline);
        Assert.Equal(
            TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1), new ConvoyRedisOptions { CommandTimeout = TimeSpan.FromSeconds(2) }.Resolve().HoldDeadline);
    }

    [Fact]
    public void FailoverMode_Announced_IsTaken() =>
        Assert.Equal(FailoverMode.Announced, new ConvoyRedisOptions { FailoverMode = FailoverMode.Announced }.Resolve().FailoverMode);

    [Theory]
    [InlineData("redis-sentinel", null, null, null, false, false)]
    [InlineData("redis-sentinel", null, null, "ca", true, true)]
    [InlineData("redis-sentinel", true, null, null, true, true)]
    [InlineData("redis-sentinel", true, false, null, true, false)]
    [InlineData("redis-sentinel", null, true, null, false, true)]
    [InlineData("redis-sentinel", false, null, null, false, false)]
    [InlineData("redis-sentinel", false, true, "ca", false, true)]
    [InlineData("redis", true, null, null, true, false)]
    [InlineData("rediss", null, null, null, true, false)]
    public void Tls_BySettings_IsSpokenToDataNodesAndSentinels(string scheme, bool? tls, bool? sentinelTls, string? authority, bool toData, bool toSentinels)
    {
        var target = new ConvoyRedisOptions { Scheme = scheme, MasterName = "m", Tls = tls, SentinelTls = sentinelTls, TlsCaCertFile = authority }.Resolve();

        Assert.Equal((toData, toSentinels), (target.Tls, target.SentinelTls));
    }

    [Fact]
    public void Target_OverTls_SaysSo() =>
        Assert.Equal("Standalone over TLS h:1", new ConvoyRedisOptions { Host = "h:1", Scheme = "rediss" }.Resolve().ToString());

    [Fact]
    public void Target_AsCluster_IsOneWithTheSameAddress()
    {
        var target = new ConvoyRedisOptions { Host = "h:1" }.Resolve();

        Assert.Equal("Cluster h:1", target.AsCluster().ToString());
        Assert.Equal("Standalone h:1", target.ToString());
    }

    [Fact]
    public void Load_HigherLayer_TakesBackWhatWasWrongOrWarnedOfBelow()
    {
        var replaced = Loading.Load(
            """{ "redis": { "password_file": "/there/is/none" } }""", new Dictionary<string, string?> { ["CONVOY_REDIS_PASSWORD"] = "p" });
        Assert.Equal("p", replaced.Resolve().Password);

        var given = Loading.Load(
            """{ "redis": { "password": "file" } }""", new Dictionary<string, string?> { ["CONVOY_REDIS_PASSWORD"] = "" }, "--redis-password=p");
        Assert.Empty(given.Resolve().Warnings);
        Assert.Equal("p", given.Resolve().Password);
    }

    [Fact]
    public void Load_EmptySecret_IsWarnedOfOnlyWhereItClearsOne()
    {
        Assert.Empty(Loading.Environment(("CONVOY_REDIS_PASSWORD", "")).Resolve().Warnings);
        Assert.Empty(Loading.Load(
            """{ "redis": { "password": "" } }""", new Dictionary<string, string?> { ["CONVOY_REDIS_PASSWORD"] = "" }).Resolve().Warnings);
    }

    [Fact]
    public void Load_PasswordFileThatIsEmptyText_IsNotSet()
    {
        var options = Loading.Load("""{ "redis": { "password": "p", "password_file": "" } }""");

        Assert.Equal("p", options.Resolve().Password);
    }

    [Fact]
    public void Load_UnknownVariables_AreWarnedOfInOrder() =>
        Assert.Equal(
            ["CONVOY_REDIS_A1 (environment)", "CONVOY_REDIS_Z1 (environment)"],
            Loading.Environment(("CONVOY_REDIS_Z1", "x"), ("CONVOY_REDIS_A1", "x")).Resolve().Warnings.Select(warning => warning[..29]));

    [Fact]
    public void Load_JsonThatIsADirectory_IsAProblem()
    {
        using var directory = new TemporaryDirectory();
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = directory.Path, Environment = new Dictionary<string, string?>() });

        Assert.Equal([$"{directory.Path} cannot be read: access is denied."], options.Values.Problems);
    }

    [Fact]
    public void Reload_KeepsWhatCodeSet_AndReadsTheRestAnew()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("convoy.json", """{ "redis": { "host": "file", "username": "before" } }""");
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = path, Environment = new Dictionary<string, string?>() });
        options.Host = "code";
        File.WriteAllText(path, """{ "redis": { "host": "file", "username": "after" } }""");

        var reloaded = options.Reload!().Resolve();

        Assert.Equal(("Standalone code:6379", "after"), (reloaded.ToString(), reloaded.Username));
    }

    [Fact]
    public void Load_UrlInTheFile_CodeWinsOverEachPartOfIt()
    {
        var options = Loading.Load("""{ "redis": { "addresses": "rediss://file:file@file/2" } }""");
        (options.Username, options.Password, options.Database, options.Port) = ("code", "code", 3, 7);
        var target = options.Resolve();

        Assert.Equal(("Standalone over TLS file:7", "code", "code", 3), (target.ToString(), target.Username, target.Password, target.Database));
        Assert.Empty(target.Warnings);

        (options.Username, options.Password) = (null, null);
        Assert.Equal((null, null), (options.Resolve().Username, options.Resolve().Password));
    }

    [Theory]
    [InlineData("redis://h", "rediss", "Standalone over TLS h:6379")]
    [InlineData("rediss://h", "redis", "Standalone h:6379")]
    [InlineData("redis://h", "redis-sentinel", "Sentinel h:26379 master m")]
    public void Load_UrlInTheFile_SchemeOfCodeWinsAndIsWarnedOf(string url, string scheme, string expected)
    {
        var options = Loading.Load($$"""{ "redis": { "addresses": "{{url}}" } }""");
        (options.Scheme, options.MasterName) = (scheme, scheme == "redis-sentinel" ? "m" : null);
        var target = options.Resolve();

        Assert.Equal(expected, target.ToString());
        Assert.StartsWith("Scheme (code) replaces the scheme of addresses in ", Assert.Single(target.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    public void Load_UrlInTheFile_SchemeThatCodeTakesBackIsThatOfTheUrl(string? nothing)
    {
        var options = Loading.Load("""{ "redis": { "scheme": "redis", "addresses": "rediss://h" } }""");
        options.Scheme = nothing;
        Assert.Equal("Standalone over TLS h:6379", options.Resolve().ToString());
    }

    [Theory]
    [InlineData("a:1,b:2", "Standalone code:7")]
    [InlineData("redis://file:1", "Standalone code:7")]
    [InlineData("rediss://file:1", "Standalone over TLS code:7")]
    public void Load_AddressesInTheFile_HostOfCodeWinsAndIsWarnedOf(string addresses, string expected)
    {
        var options = Loading.Load($$"""{ "redis": { "addresses": "{{addresses}}", "port": 7 } }""", null, "--redis-host=flag");
        options.Host = "code";
        var target = options.Resolve();

        Assert.Equal(expected, target.ToString());
        Assert.EndsWith(" no effect: Host (code) is used instead.", Assert.Single(target.Warnings), StringComparison.Ordinal);

        options.Host = "";
        Assert.DoesNotContain("code", options.Resolve().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HostInTheFile_AddressesOfCodeWin()
    {
        var options = Loading.Load("""{ "redis": { "host": "file", "password": "file" } }""");
        options.Addresses = "redis://code:1";
        Assert.Equal(("Standalone code:1", null), (options.Resolve().ToString(), options.Resolve().Password));

        (options.Host, options.Password) = ("code", "code");
        Assert.Equal(("Standalone code:1", "code"), (options.Resolve().ToString(), options.Resolve().Password));

        options.Addresses = null;
        Assert.Equal(("Standalone code:6379", "code"), (options.Resolve().ToString(), options.Resolve().Password));
    }

    [Theory]
    [InlineData("rediss", "redis://h")]
    [InlineData("redis", "rediss://h")]
    public void Resolve_SchemeAndUrlOfCodeThatContradict_IsAProblem(string scheme, string url) =>
        Assert.Contains("contradicts", Assert.Single(Loading.Failures(new ConvoyRedisOptions { Scheme = scheme, Addresses = url })), StringComparison.Ordinal);

    [Fact]
    public void Reload_UrlInTheFile_KeepsWhatCodeSet()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("convoy.json", """{ "redis": { "addresses": "redis://:before@before/1" } }""");
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = path, Environment = new Dictionary<string, string?>() });
        (options.Password, options.Scheme) = ("code", null);
        File.WriteAllText(path, """{ "redis": { "addresses": "redis://:after@after/2" } }""");

        var reloaded = options.Reload!().Resolve();

        Assert.Equal(("Standalone after:6379", "code", 2), (reloaded.ToString(), reloaded.Password, reloaded.Database));
    }

    [Fact]
    public void Load_Nothing_IsRefused()
    {
        Assert.Throws<ArgumentNullException>("section", () => ConvoyRedisOptions.Load((IConfiguration)null!));
        Assert.Throws<ArgumentNullException>("uri", () => ConvoyRedisOptions.Parse(null!));
    }

    [Fact]
    public void Parse_Parts_AreFromTheUri()
    {
        var target = ConvoyRedisOptions.Parse("redis://:p@h").Resolve();

        Assert.Null(target.Username);
        Assert.Equal("password in the URI", target.Sources["password"]);
        Assert.Equal("u", ConvoyRedisOptions.Parse("redis://u@h").Resolve().Username);
        Assert.Equal("50%", ConvoyRedisOptions.Parse("redis://:50%25@h").Resolve().Password);
        Assert.Equal(2, ConvoyRedisOptions.Parse("redis://h/2").Resolve().Database);
    }
}
