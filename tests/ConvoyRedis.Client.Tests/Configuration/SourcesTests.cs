using ConvoyRedis.Client.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Where settings come from, which source wins, and what each is told for its mistakes.</summary>
public sealed class SourcesTests
{
    private const string Json = """{ "redis": { "host": "file", "password": "file", "sentinel_password": "file" } }""";

    public static TheoryData<string> FlagSettings => [.. Settings.All.Where(setting => setting.Flag is not null).Select(setting => setting.Key)];

    [Theory]
    [MemberData(nameof(FlagSettings))]
    public void Load_SettingInEveryLayer_CodeOverFlagOverEnvironmentOverFile(string key)
    {
        var setting = Settings.All.Single(setting => setting.Key == key);
        string Value(int layer) => setting == Settings.Port || setting == Settings.Database ? $"{layer}" : $"value{layer}";
        var property = typeof(ConvoyRedisOptions).GetProperty(setting.Property)!;
        string? Loaded(ConvoyRedisOptions options) => $"{property.GetValue(options)}";
        var json = $$"""{ "redis": { "{{key}}": "{{Value(1)}}" } }""";
        var variables = new Dictionary<string, string?> { [setting.Variable] = Value(2) };

        Assert.Equal(Value(1), Loaded(Loading.Load(json)));
        Assert.Equal(Value(2), Loaded(Loading.Load(json, variables)));
        var options = Loading.Load(json, variables, $"{setting.Flag}={Value(3)}");
        Assert.Equal(Value(3), Loaded(options));
        property.SetValue(options, Convert.ChangeType(Value(4), Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, null));
        Assert.Equal(Value(4), Loaded(options));
        Assert.Equal($"{setting.Property} (code)", options.Values[setting]!.Source);
    }

    [Fact]
    public void Load_WrongValueInALowerLayer_IsNoProblemOnceItIsOverridden()
    {
        var options = Loading.Load("""{ "redis": { "port": "wrong", "tls": "wrong" } }""", new Dictionary<string, string?> { ["CONVOY_REDIS_PORT"] = "1" });
        Assert.Throws<OptionsValidationException>(options.Resolve);

        options.Tls = true;

        Assert.Equal(1, options.Resolve().Endpoints[0].Port);
    }

    [Fact]
    public void Load_NoSource_IsTheDefault()
    {
        var target = Loading.Load().Resolve();

        Assert.Equal("Standalone localhost:6379", target.ToString());
        Assert.Equal((TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(2), FailoverMode.Eager),
            (target.CommandTimeout, target.ConnectTimeout, target.HoldDeadline, target.FailoverMode));
    }

    [Fact]
    public void Load_MissingFile_IsAProblemOnlyWhenRequired()
    {
        var sources = new ConvoyRedisSources { ConvoyJsonPath = "/there/is/no/convoy.json", Environment = new Dictionary<string, string?>() };
        ConvoyRedisOptions.Load(sources).Resolve();

        var required = new ConvoyRedisSources
        {
            ConvoyJsonPath = sources.ConvoyJsonPath,
            ConvoyJsonRequired = true,
            Environment = sources.Environment,
        };
        Assert.Equal(["/there/is/no/convoy.json does not exist."], Problems(ConvoyRedisOptions.Load(required)));
    }

    [Fact]
    public void Load_CommentsAndTrailingCommas_AreAccepted() =>
        Assert.Equal(7, Loading.Load("""
            {
                // Convoy's own file has these.
                "redis": { "host": "h", /* and these */ "port": 7, },
            }
            """).Resolve().Endpoints[0].Port);

    [Theory]
    [InlineData("{\n  \"redis\": {\n    \"host\" \"h\"\n  }\n}", "line 3, column 12")]
    [InlineData("{ \"redis\": ", "line 1, column")]
    [InlineData("", "line 1, column 1")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{ \"redis\": { \"host\": \"a\", \"host\": \"b\" } }", "a key twice")]
    public void Load_MalformedJson_NamesFileLineAndColumn(string json, string expected)
    {
        var problem = Assert.Single(Problems(Loading.Load(json)));

        Assert.Contains("convoy.json", problem, StringComparison.Ordinal);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("secret\n\n", "secret\n")]
    [InlineData(" secret ", " secret ")]
    public void Load_PasswordFile_DropsOneNewlineAtTheEnd(string content, string expected)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("secret", content);

        Assert.Equal(expected, Loading.Environment(("CONVOY_REDIS_PASSWORD_FILE", path)).Resolve().Password);
        Assert.Equal(expected, Loading.Environment(("CONVOY_REDIS_SENTINEL_PASSWORD_FILE", path)).SentinelPassword);
        Assert.Equal(expected, Loading.Load($$"""{ "redis": { "password_file": "{{path}}" } }""").Password);
    }

    [Theory]
    [InlineData("CONVOY_REDIS_PASSWORD")]
    [InlineData("CONVOY_REDIS_SENTINEL_PASSWORD")]
    public void Load_PasswordAndItsFile_IsAProblem(string variable)
    {
        var problem = Assert.Single(Problems(Loading.Environment((variable, "x"), (variable + "_FILE", "/run/secrets/redis"))));

        Assert.Contains(variable + "_FILE", problem, StringComparison.Ordinal);
        Assert.Contains($"{variable} is set as well", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PasswordFileMissing_NamesVariableAndPath() =>
        Assert.Equal(["CONVOY_REDIS_PASSWORD_FILE (environment): the file '/there/is/no/secret' cannot be read: it does not exist."],
            Problems(Loading.Environment(("CONVOY_REDIS_PASSWORD_FILE", "/there/is/no/secret"))));

    [Theory]
    [InlineData("CONVOY_REDIS_PASSWORD")]
    [InlineData("CONVOY_REDIS_SENTINEL_PASSWORD")]
    public void Load_EmptyVariableClearsASecret_IsWarnedOf(string variable)
    {
        var target = Loading.Load(Json, new Dictionary<string, string?> { [variable] = "" }).Resolve();

        Assert.Contains(variable, Assert.Single(target.Warnings), StringComparison.Ordinal);
        Assert.Equal(variable == "CONVOY_REDIS_PASSWORD" ? null : "file", target.Password);
    }

    [Fact]
    public void Load_EmptyVariableOverAnotherText_ClearsItSilently() =>
        Assert.Empty(Loading.Load("""{ "redis": { "username": "u" } }""", new Dictionary<string, string?> { ["CONVOY_REDIS_USERNAME"] = "" })
            .Resolve().Warnings);

    [Theory]
    [InlineData("CONVOY_REDIS_PASWORD", "CONVOY_REDIS_PASSWORD")]
    [InlineData("CONVOY_REDIS_MASTER_NAME", "CONVOY_REDIS_SENTINEL_MASTER_NAME")]
    [InlineData("CONVOY_REDIS_TLS_CA_FILE", "CONVOY_REDIS_TLS_CA_CERT_FILE")]
    [InlineData("CONVOY_REDIS_something_else_altogether", null)]
    public void Load_UnknownVariable_IsWarnedOfWithTheClosestName(string variable, string? closest)
    {
        var warning = Assert.Single(Loading.Environment((variable, "x")).Resolve().Warnings);

        Assert.Contains(variable, warning, StringComparison.Ordinal);
        Assert.EndsWith(closest is null ? "is not a setting." : $"did you mean {closest}?", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_KubernetesServiceLinks_AreNotWarnedOf()
    {
        var options = Loading.Environment(
            ("CONVOY_REDIS_SERVICE_HOST", "10.0.0.1"), ("CONVOY_REDIS_SERVICE_PORT", "6379"), ("CONVOY_REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379"),
            ("CONVOY_REDIS_PORT_6379_TCP_ADDR", "10.0.0.1"), ("OTHER", "x"));

        Assert.Empty(options.Resolve().Warnings);
    }

    [Fact]
    public void Load_KubernetesServiceLinkAsPort_NamesItsCure()
    {
        var problem = Assert.Single(Problems(Loading.Environment(("CONVOY_REDIS_PORT", "tcp://10.0.0.1:6379"))));

        Assert.All((string[])["CONVOY_REDIS_PORT", "service links", "enableServiceLinks: false"],
            mention => Assert.Contains(mention, problem, StringComparison.Ordinal));
    }

    [Fact]
    public void Load_Flags_AreTakenInBothFormsAndOthersLeftAlone()
    {
        var options = Loading.Load(args: ["server", "--redis-host", "h", "--other", "--redis-port=7", "--redis-password=a=b c", "--redis-hosts=x"]);

        Assert.Equal(("h", 7, "a=b c"), (options.Host, options.Port, options.Password));
    }

    [Theory]
    [InlineData("--redis-host")]
    [InlineData("--redis-host", "--redis-port=1")]
    public void Load_FlagWithoutValue_IsAProblem(params string[] args) =>
        Assert.Contains("--redis-host (command line) needs a value", Assert.Single(Problems(Loading.Load(args: args))), StringComparison.Ordinal);

    [Fact]
    public void Load_Section_TakesConvoysKeysAndDotNets()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["app:redis:Scheme"] = "redis-sentinel",
            ["app:redis:addresses:0"] = "a",
            ["app:redis:addresses:1"] = "b:2",
            ["app:redis:MasterName"] = "m",
            ["app:redis:sentinel_password"] = "s",
            ["app:redis:CommandTimeout"] = "3s",
            ["app:redis:prot"] = "1",
        }).Build().GetSection("app:redis");

        var target = ConvoyRedisOptions.Load(section).Resolve();

        Assert.Equal("Sentinel a:26379,b:2 master m", target.ToString());
        Assert.Equal(("s", TimeSpan.FromSeconds(3)), (target.SentinelPassword, target.CommandTimeout));
        Assert.Equal("app:redis:prot (configuration) is not a setting; did you mean port?", Assert.Single(target.Warnings));
    }

    [Fact]
    public void Resolve_EverythingWrong_TellsAllAtOnceEachByTheNameThatWasWritten()
    {
        var options = Loading.Load(
            """{ "redis": { "command_timeout": "15", "hold_deadline": "-1s", "failover_mode": "never", "tls_cert_file": "c.pem" } }""",
            new Dictionary<string, string?> { ["CONVOY_REDIS_TLS"] = "maybe", ["CONVOY_REDIS_CLIENT_NAME"] = "a b", ["CONVOY_REDIS_ADDRESS_MAP"] = "a" },
            "--redis-scheme=http", "--redis-port=x");

        var problems = Problems(options);

        Assert.All((string[])["command_timeout in", "hold_deadline in", "failover_mode in", "tls_cert_file in", "CONVOY_REDIS_TLS (environment)",
            "CONVOY_REDIS_CLIENT_NAME (environment)", "CONVOY_REDIS_ADDRESS_MAP (environment)", "--redis-scheme (command line)",
            "--redis-port (command line)"],
            name => Assert.Single(problems, problem => problem.StartsWith(name, StringComparison.Ordinal)));
        Assert.Equal(9, problems.Count);
    }

    [Fact]
    public void Resolve_FilesThatAreMissing_AreTheValidatorsAffair()
    {
        var options = Loading.Environment(("CONVOY_REDIS_TLS_CA_CERT_FILE", "/there/is/no/ca.pem"));

        Assert.True(options.Resolve().Tls);
        Assert.Equal(["CONVOY_REDIS_TLS_CA_CERT_FILE (environment): the file '/there/is/no/ca.pem' does not exist."],
            new ConvoyRedisOptionsValidator().Validate(null, options).Failures);
    }

    [Theory]
    [InlineData("2s", "1s", true)]
    [InlineData("2s", "999ms", false)]
    [InlineData("1s", null, false)]
    public void Resolve_HoldDeadline_IsBelowHalfOfTheCommandTimeout(string commandTimeout, string? holdDeadline, bool isWrong)
    {
        var options = Loading.Environment(("CONVOY_REDIS_COMMAND_TIMEOUT", commandTimeout));
        if (holdDeadline is not null)
            options.HoldDeadline = GoText.Duration(holdDeadline)!.Value;

        Assert.Equal(isWrong, Record.Exception(options.Resolve) is OptionsValidationException);
    }

    private static List<string> Problems(ConvoyRedisOptions options) =>
        [.. Assert.Throws<OptionsValidationException>(options.Resolve).Failures];
}
