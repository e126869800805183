using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using ConvoyRedis.Client.Configuration;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Wherever a password is written, rightly or wrongly, nothing that the library says shows any part of it.</summary>
public sealed class RedactionTests
{
    /// <summary>Letters that no message, stack trace or path has, among all that separates the parts of URLs, lists and JSON.</summary>
    private const string Telling = "ЖЩЮЯ";
    private const string Separators = "@:/?#[]%,;=&+ \"'\\{}$!|<>";

    /// <summary>A part of a password of this length is a leak.</summary>
    private const int LeakLength = 3;

    /// <summary>Every place where somebody may write a password.</summary>
    private static readonly IReadOnlyDictionary<string, Func<string, ConvoyRedisOptions>> Places =
        new Dictionary<string, Func<string, ConvoyRedisOptions>>
        {
            ["variable"] = password => Loading.Environment(("CONVOY_REDIS_PASSWORD", password)),
            ["variable, with mistakes beside it"] = password => Loading.Environment(
                ("CONVOY_REDIS_PASSWORD", password), ("CONVOY_REDIS_PORT", "x"), ("CONVOY_REDIS_SCHEME", "x")),
            ["sentinel variable"] = password => Loading.Environment(
                ("CONVOY_REDIS_SENTINEL_PASSWORD", password), ("CONVOY_REDIS_SCHEME", "redis-sentinel")),
            ["both forms"] = password => Loading.Environment(
                ("CONVOY_REDIS_PASSWORD", password), ("CONVOY_REDIS_PASSWORD_FILE", "/run/secrets/redis")),
            ["file"] = FromFile,
            ["convoy.json"] = password => Loading.Load($$"""{ "redis": { "password": {{Json(password)}}, "port": "x" } }"""),
            ["convoy.json, of a wrong type"] = password => Loading.Load($$"""{ "redis": { "password": [{{Json(password)}}] } }"""),
            ["convoy.json, cut off"] = password => Loading.Load($$"""{ "redis": { "password": {{Json(password)}}"""),
            ["convoy.json, not quoted"] = password => Loading.Load($$"""{ "redis": { "password": {{password}} } }"""),
            ["convoy.json, twice"] = password =>
                Loading.Load($$"""{ "redis": { "password": {{Json(password)}}, "password": {{Json(password)}} } }"""),
            ["flag"] = password => Loading.Load(args: [$"--redis-password={password}", "--redis-port=x"]),
            ["flag, apart"] = password => Loading.Load(args: ["--redis-password", password]),
            ["URL, encoded"] = password => Addresses($"redis://user:{Uri.EscapeDataString(password)}@host:x"),
            ["URL, as it is"] = password => Addresses($"redis://user:{password}@host:6379"),
            ["URL of another scheme"] = password => Addresses($"http://user:{password}@host"),
            ["URL as user"] = password => Addresses($"redis://{password}@host"),
            ["URL's parameter"] = password => Addresses($"redis://host?password={password}"),
            ["URL's option"] = password => Addresses($"redis://host?db={password}@x"),
            ["URL that contradicts the scheme"] = password => Loading.Environment(
                ("CONVOY_REDIS_CLUSTER_ADDRESSES", $"redis://:{Uri.EscapeDataString(password)}@host"), ("CONVOY_REDIS_SCHEME", "rediss")),
            ["URL beside other settings"] = password => Loading.Environment(
                ("CONVOY_REDIS_CLUSTER_ADDRESSES", $"redis://:{Uri.EscapeDataString(password)}@host"), ("CONVOY_REDIS_PASSWORD", password), ("CONVOY_REDIS_HOST", "h")),
            ["URL in the other spelling"] = password => Loading.Environment(
                ("CONVOY_REDIS_ADDRESSES", $"redis://:{password}@a"), ("CONVOY_REDIS_CLUSTER_ADDRESSES", $"redis://:{Uri.EscapeDataString(password)}@b")),
            ["URL that is cleared"] = password => Loading.Load(
                $$"""{ "redis": { "addresses": {{Json($"redis://:{password}@a")}} } }""", new Dictionary<string, string?> { ["CONVOY_REDIS_CLUSTER_ADDRESSES"] = "" }),
            ["URL of a socket"] = password => Addresses($"unix://:{password}@/run/redis.sock"),
            ["URL beside an address"] = password => Addresses($"host,redis://:{password}@host"),
            ["URL without scheme"] = password => Addresses($"user:{password}@host"),
            ["list of URLs"] = password => Addresses($"redis://:{password}@a,redis://:{password}@b"),
            ["URL as host"] = password => Loading.Environment(("CONVOY_REDIS_HOST", $"redis://:{password}@host")),
            ["host"] = password => Loading.Environment(("CONVOY_REDIS_HOST", $"user:{password}@host")),
            ["URL as scheme"] = password => Loading.Environment(("CONVOY_REDIS_SCHEME", $"redis://:{password}@host")),
            ["URL as port"] = password => Loading.Environment(("CONVOY_REDIS_PORT", $"tcp://:{password}@host")),
            ["URL in the address map"] = password => Loading.Environment(("CONVOY_REDIS_ADDRESS_MAP", $"a=redis://:{password}@b")),
            ["names that are not read"] = password => Loading.Load(
                $$"""{ "redis": { "dsn": {{Json($"redis://:{password}@a")}}, "tls_enabled": {{Json(password)}} } }""",
                new Dictionary<string, string?> { ["CONVOY_REDIS_DSN"] = $"redis://:{password}@host", ["CONVOY_REDIS_TYPE"] = password, ["CONVOY_REDIS_PASS"] = password }),
            ["convoy.json, URL as section"] = password => Loading.Load($$"""{ "redis": {{Json($"redis://:{password}@host")}} }"""),
            ["convoy.json, in an object"] = password => Loading.Load($$"""{ "redis": { "password": { {{Json(password)}}: {{Json(password)}} } } }"""),
            ["queue provider"] = password => Loading.Load(
                $$"""{ "queue_provider": {{Json(password)}} }""", new Dictionary<string, string?> { ["CONVOY_QUEUE_PROVIDER"] = password }),
            ["URL as --config"] = password => Loading.Load(args: [$"--config=redis://:{password}@host", "--redis-port=x"]),
            ["URL as a section"] = password => ConvoyRedisOptions.Load(new ConfigurationBuilder().AddInMemoryCollection(
                new Dictionary<string, string?> { ["redis"] = $"redis://:{password}@host" }).Build().GetSection("redis")),
            ["section"] = password => ConvoyRedisOptions.Load(new ConfigurationBuilder().AddInMemoryCollection(
                new Dictionary<string, string?> { ["password"] = password, ["port"] = "x" }).Build()),
            ["code"] = password => new ConvoyRedisOptions { Password = password, SentinelPassword = password, Port = 0 },
        };

    public static TheoryData<string> PlaceNames => [.. Places.Keys];

    [Theory]
    [MemberData(nameof(PlaceNames))]
    public void Outputs_AnyPassword_NeverShowAPartOfIt(string place) =>
        Prop.ForAll(Passwords().ToArbitrary(), password =>
        {
            var shown = Outputs(() => Places[place](password)).ToList();
            var leak = shown.Find(text => Shows(text, password));
            Assert.True(leak is null, $"{place}: {leak}");
        }).Holds();

    [Fact]
    public void Parse_AnyPassword_IsNeverInTheError() =>
        Prop.ForAll(Passwords().ToArbitrary(), password =>
        {
            var exception = Record.Exception(() => ConvoyRedisOptions.Parse($"redis://user:{password}@host:x"));
            Assert.False(Shows($"{exception}", password), $"{exception}");
        }).Holds();

    [Fact]
    public void Shows_PartOfAPassword_IsFound() => Assert.True(Shows("host '@ЖЩ/' is wrong", "abc@ЖЩ/x"));

    [Fact]
    public void Passwords_InEveryType_AreHiddenFromTheDebugger()
    {
        var secrets = typeof(ConvoyRedisOptions).Assembly.GetTypes()
            .SelectMany(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(property => property.Name.EndsWith("Password", StringComparison.Ordinal) && property.PropertyType == typeof(string))
            .ToList();

        Assert.NotEmpty(secrets);
        Assert.All(secrets, property => Assert.Equal(
            DebuggerBrowsableState.Never, property.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State));
    }

    [Theory]
    [InlineData(typeof(ConvoyRedisTarget))]
    [InlineData(typeof(MonitorKey))]
    public void ValuesOfAllSettings_PasswordsAmongThem_AreHiddenFromTheDebugger(Type type) =>
        Assert.Equal(
            DebuggerBrowsableState.Never,
            type.GetField("_values", BindingFlags.Instance | BindingFlags.NonPublic)!.GetCustomAttribute<DebuggerBrowsableAttribute>()?.State);

    private static IEnumerable<string> Outputs(Func<ConvoyRedisOptions> load)
    {
        var options = load();
        yield return options.ToString();
        yield return string.Join('\n', options.Describe());
        foreach (var setting in Settings.All)
            yield return options.Values[setting]?.ToString() ?? "";
        ConvoyRedisTarget? target = null;
        var exception = Record.Exception(() => target = options.Resolve());
        yield return exception?.ToString() ?? "";
        yield return string.Join('\n', (exception as OptionsValidationException)?.Failures ?? []);
        yield return string.Join('\n', target?.Warnings ?? []);
        yield return string.Join('\n', target?.Sources ?? new Dictionary<string, string>());
        yield return target?.ToString() ?? "";
        yield return string.Join('\n', new ConvoyRedisOptionsValidator().Validate(null, options).Failures ?? []);
    }

    private static bool Shows(string text, string password)
    {
        for (var start = 0; start + LeakLength <= password.Length; start++)
        {
            var part = password.Substring(start, LeakLength);
            if (part.Any(Telling.Contains) && text.Contains(part, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    private static Gen<string> Passwords() =>
        from letters in Gen.ArrayOf(Gen.Elements((Telling + Separators).ToCharArray()))
        from core in Gen.ArrayOf(Gen.Elements(Telling.ToCharArray()), LeakLength)
        from at in Gen.Choose(0, letters.Length)
        select new string([.. letters[..at], .. core, .. letters[at..]]);

    private static ConvoyRedisOptions Addresses(string text) => Loading.Environment(("CONVOY_REDIS_CLUSTER_ADDRESSES", text));

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static ConvoyRedisOptions FromFile(string password)
    {
        using var directory = new TemporaryDirectory();
        return Loading.Environment(("CONVOY_REDIS_PASSWORD_FILE", directory.Write("secret", password)), ("CONVOY_REDIS_PORT", "x"));
    }
}
