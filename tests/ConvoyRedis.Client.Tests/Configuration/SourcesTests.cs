using ConvoyRedis.Client.Configuration;
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

    [Theory]
    [InlineData(false, "Warning: --config (command line): ")]
    [InlineData(true, "")]
    public void Load_MissingFileOfTheCommandLine_IsWarnedOfOrAProblem(bool isRequired, string place)
    {
        using var directory = new TemporaryDirectory();
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources
        {
            ConvoyJsonPath = directory.Write("convoy.json", Json),
            ConvoyJsonRequired = isRequired,
            Environment = new Dictionary<string, string?> { ["CONVOY_REDIS_PORT"] = "x" },
            Args = ["--config", "/there/is/no/convoy.json"],
        });

        Assert.Null(options.Host);
        Assert.Single(Problems(options), problem =>
            problem.StartsWith(place, StringComparison.Ordinal) && problem.Contains("/there/is/no/convoy.json", StringComparison.Ordinal)
            && problem.EndsWith(" does not exist.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "The path of convoy.json is empty; use null to read no file.")]
    [InlineData("a\0b", "is not the path of a file.")]
    public void Load_PathThatIsNone_IsAProblem(string path, string expected)
    {
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = path, Environment = new Dictionary<string, string?>() });

        Assert.EndsWith(expected, Assert.Single(Problems(options)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0xC3)]
    public void Load_JsonWithBytesThatAreNotUtf8_IsAProblem(byte wrong)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "convoy.json");
        File.WriteAllBytes(path, [.. "{ \"redis\": { \"password\": \"a"u8, wrong, .. "\" } }"u8]);
        var options = ConvoyRedisOptions.Load(new ConvoyRedisSources { ConvoyJsonPath = path, Environment = new Dictionary<string, string?>() });

        Assert.StartsWith($"password in {path} contains text that is not Unicode", Assert.Single(Problems(options)), StringComparison.Ordinal);
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
    [InlineData("CONVOY_REDIS_PASSWORD")]
    [InlineData("CONVOY_REDIS_SENTINEL_PASSWORD")]
    public void Load_EmptyVariableClearsASecret_IsWarnedOf(string variable)
    {
        var target = Loading.Load(Json, new Dictionary<string, string?> { [variable] = "" }).Resolve();

        Assert.Contains($"{variable} (environment) is empty and clears", target.Warnings[0], StringComparison.Ordinal);
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
        Assert.Equal(9, problems.Count(problem => !problem.StartsWith("Warning: ", StringComparison.Ordinal)));
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
