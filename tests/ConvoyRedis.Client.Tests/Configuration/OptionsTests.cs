using ConvoyRedis.Client.Configuration;
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
    [InlineData("redis-sentinel", false, null, "ca", false, false)]
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
    public void Validator_RightAndWrong_SucceedsOrNamesTheProblem()
    {
        var validator = new ConvoyRedisOptionsValidator();

        Assert.True(validator.Validate(null, new ConvoyRedisOptions()).Succeeded);
        Assert.Equal(["Port (code): '0' is not a port number between 1 and 65535."], validator.Validate(null, new ConvoyRedisOptions { Port = 0 }).Failures!);
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
