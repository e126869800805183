using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Settings from a section of a .NET configuration.</summary>
public sealed class SectionTests
{
    private const string WrongShape = "must be a section with settings, for example { \"host\": \"localhost\" }.";

    [Fact]
    public void Load_Section_TakesConvoysKeysAndDotNets()
    {
        var section = Section(
            "app:redis", ("app:redis:Scheme", "redis-sentinel"), ("app:redis:addresses:0", "a"), ("app:redis:addresses:1", "b:2"), ("app:redis:MasterName", "m"),
            ("app:redis:sentinel_password", "s"), ("app:redis:CommandTimeout", "3s"), ("app:redis:prot", "1"));

        var target = ConvoyRedisOptions.Load(section).Resolve();

        Assert.Equal("Sentinel a:26379,b:2 master m", target.ToString());
        Assert.Equal(("s", TimeSpan.FromSeconds(3)), (target.SentinelPassword, target.CommandTimeout));
        Assert.Equal("app:redis:prot (configuration) is not a setting; did you mean port?", Assert.Single(target.Warnings));
    }

    [Theory]
    [InlineData("redis", "redis://:secret@h")]
    [InlineData("redis", "")]
    [InlineData("redis:0", "h")]
    public void Load_SectionThatIsAValueOrAList_IsAProblem(string key, string value) =>
        Assert.Equal([$"redis (configuration) {WrongShape}"], Problems(Section("redis", (key, value))));

    [Theory]
    [InlineData("redis", "redis (configuration) has no settings.")]
    [InlineData(null, "The configuration has no settings.")]
    public void Load_SectionThatIsMissing_IsWarnedOf(string? path, string expected)
    {
        var target = ConvoyRedisOptions.Load(Section(path)).Resolve();

        Assert.Equal([expected], target.Warnings);
        Assert.Equal("Standalone localhost:6379", target.ToString());
    }

    [Theory]
    [InlineData("Host:0", "Host")]
    [InlineData("FailoverMode:0", "FailoverMode")]
    [InlineData("Addresses:0:Host", "Addresses")]
    [InlineData("PasswordFile:0", "PasswordFile")]
    public void Load_ValueOfAWrongShape_IsAProblem(string key, string named) =>
        Assert.Equal([$"redis:{named} (configuration) must be a single value."], Problems(Section("redis", ($"redis:{key}", "x"), ("redis:Database", "1"))));

    [Fact]
    public void Load_KeyInTwoSpellings_IsAProblem() =>
        Assert.Contains("given twice", Assert.Single(Problems(Section("redis", ("redis:ClientName", "a"), ("redis:client_name", "b")))), StringComparison.Ordinal);

    [Fact]
    public void Load_UrlBesideItsParts_IsTakenAsItIs()
    {
        var target = ConvoyRedisOptions.Load(Section("redis", ("redis:Addresses", "redis://:url@h"), ("redis:Password", "other"), ("redis:Database", "2"))).Resolve();

        Assert.Equal(("url", 0), (target.Password, target.Database));
        Assert.Equal(
            ["redis:Database (configuration)", "redis:Password (configuration)"],
            target.Warnings.Select(warning => warning[..warning.IndexOf(" has no effect", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Load_EmptyValues_AreNotSet()
    {
        var target = ConvoyRedisOptions.Load(Section(
            "redis", ("redis:Scheme", ""), ("redis:Port", ""), ("redis:TlsSkipVerify", ""), ("redis:CommandTimeout", ""), ("redis:Database", ""))).Resolve();

        Assert.Equal(("Standalone localhost:6379", 0), (target.ToString(), target.Database));
        Assert.Empty(target.Warnings);
    }

    [Fact]
    public void Load_LoginInFiles_IsRead()
    {
        using var directory = new TemporaryDirectory();
        var target = ConvoyRedisOptions.Load(Section(
            "redis", ("redis:UsernameFile", directory.Write("username", "u\n")), ("redis:password_file", directory.Write("password", "p\n")))).Resolve();

        Assert.Equal(("u", "p"), (target.Username, target.Password));
    }

    private static IConfiguration Section(string? path, params (string Key, string Value)[] values)
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(value => value.Key, value => (string?)value.Value)).Build();
        return path is null ? root : root.GetSection(path);
    }

    private static IEnumerable<string> Problems(IConfiguration section) =>
        Assert.Throws<OptionsValidationException>(ConvoyRedisOptions.Load(section).Resolve).Failures;
}
