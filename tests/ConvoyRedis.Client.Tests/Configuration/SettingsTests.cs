using ConvoyRedis.Client.Configuration;
using Microsoft.Extensions.Configuration;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Every setting by itself: its default, its properties, what a change of it does, and whether it separates monitors.</summary>
public sealed class SettingsTests
{
    /// <summary>A deployment of which each setting can be changed alone.</summary>
    private static readonly Dictionary<string, string?> Written = new()
    {
        ["scheme"] = "redis-sentinel",
        ["host"] = "s1",
        ["master_name"] = "m",
        ["tls_cert_file"] = "cert.pem",
        ["tls_key_file"] = "key.pem",
        ["sentinel_tls_cert_file"] = "cert.pem",
        ["sentinel_tls_key_file"] = "key.pem",
    };

    /// <summary>Another value of each setting, what the change does, and whether connections that differ in it have monitors of their own.</summary>
    private static readonly Dictionary<string, (string Value, ChangeEffect Effect, bool SeparatesMonitors)> Changes = new()
    {
        ["scheme"] = ("redis", ChangeEffect.Switch, true),
        ["host"] = ("s2", ChangeEffect.Switch, true),
        ["port"] = ("7", ChangeEffect.Switch, true),
        ["addresses"] = ("s1,s2", ChangeEffect.Switch, true),
        ["master_name"] = ("n", ChangeEffect.Switch, true),
        ["address_map"] = ("a:1=b:2", ChangeEffect.Switch, true),
        ["username"] = ("u", ChangeEffect.Credentials, true),
        ["password"] = ("p", ChangeEffect.Credentials, true),
        ["sentinel_username"] = ("u", ChangeEffect.Credentials, true),
        ["sentinel_password"] = ("p", ChangeEffect.Credentials, true),
        ["tls_skip_verify"] = ("true", ChangeEffect.Switch, true),
        ["tls_cert_file"] = ("other.pem", ChangeEffect.Switch, true),
        ["tls_key_file"] = ("other.pem", ChangeEffect.Switch, true),
        ["tls_ca_cert_file"] = ("ca.pem", ChangeEffect.Switch, true),
        ["tls"] = ("false", ChangeEffect.Switch, true),
        ["sentinel_tls"] = ("false", ChangeEffect.Switch, true),
        ["tls_server_name"] = ("redis.test", ChangeEffect.Switch, true),
        ["sentinel_tls_ca_cert_file"] = ("ca.pem", ChangeEffect.Switch, true),
        ["sentinel_tls_cert_file"] = ("other.pem", ChangeEffect.Switch, true),
        ["sentinel_tls_key_file"] = ("other.pem", ChangeEffect.Switch, true),
        ["sentinel_tls_server_name"] = ("sentinel.test", ChangeEffect.Switch, true),
        ["database"] = ("3", ChangeEffect.Restart, false),
        ["client_name"] = ("x", ChangeEffect.Restart, false),
        ["command_timeout"] = ("20s", ChangeEffect.Restart, false),
        ["connect_timeout"] = ("1s", ChangeEffect.Switch, true),
        ["hold_deadline"] = ("1s", ChangeEffect.Switch, true),
        ["failover_mode"] = ("announced", ChangeEffect.Switch, true),
        ["read_from"] = ("prefer_replica", ChangeEffect.Restart, true),
        ["replica_max_lag"] = ("5s", ChangeEffect.Switch, true),
        ["replica_addresses"] = ("r1:6379,r2:6379", ChangeEffect.Switch, true),
    };

    /// <summary>Settings whose empty value means nothing: numbers, booleans, durations, and the names of which one must be chosen.</summary>
    private static readonly string[] NotText =
        ["scheme", "port", "tls_skip_verify", "tls", "sentinel_tls", "command_timeout", "connect_timeout", "hold_deadline", "failover_mode", "read_from", "replica_max_lag"];

    public static TheoryData<string> Keys => [.. Settings.All.Select(setting => setting.Key)];

    public static TheoryData<string> KeysWithDefault => [.. Settings.All.Where(setting => setting.Default is not null).Select(setting => setting.Key)];

    [Fact]
    public void Keys_OfAllSettings_AreUniqueAndAreAllChangedHere()
    {
        Assert.Equal(Settings.All.Count, Settings.All.Select(setting => setting.Key).Distinct().Count());
        Assert.Equal(Settings.All.Select(setting => setting.Key).Order(StringComparer.Ordinal), Changes.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Change_OfOneSettingAlone_HasItsEffectAndNoOther(string key)
    {
        var (from, to) = (Target(Written), Target(Changed(key)));
        var change = new TargetChange(from, to);
        var effect = Changes[key].Effect;

        Assert.Equal((effect, effect), (Setting(key).Change, change.Effect));
        Assert.Equal(effect == ChangeEffect.Restart ? [key] : [], change.RequiresRestart);
        Assert.False(change.IsNone);
        Assert.Equal(effect == ChangeEffect.Restart, new TargetChange(from, change.Taken).IsNone);
        Assert.Equal(effect != ChangeEffect.Restart, new TargetChange(change.Taken, to).IsNone);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Change_OfOneSettingAlone_SeparatesMonitorsWhereItIsDeclared(string key)
    {
        var (same, other) = (new MonitorKey(Target(Written)), new MonitorKey(Target(Changed(key))));

        Assert.Equal(Changes[key].SeparatesMonitors, Setting(key).SeparatesMonitors);
        Assert.Equal(Changes[key].SeparatesMonitors, !other.Equals(same));
        Assert.Equal(new MonitorKey(Target(Written)), same);
        Assert.Equal(new MonitorKey(Target(Written)).GetHashCode(), same.GetHashCode());
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Properties_OfOptionsAndTarget_AreThoseOfTheSetting(string key)
    {
        var setting = Setting(key);
        var options = Options(Changed(key));
        var target = options.Resolve();

        Assert.Equal(Changes[key].Value, SettingText.Write(typeof(ConvoyRedisOptions).GetProperty(setting.Property)!.GetValue(options)));
        if (typeof(ConvoyRedisTarget).GetProperty(setting.Property) is { } property)
            Assert.Equal(Changes[key].Value, SettingText.Write(property.GetValue(target)));
        else
            Assert.Contains(key, (string[])["scheme", "host", "port", "addresses"]);
    }

    [Theory]
    [MemberData(nameof(KeysWithDefault))]
    public void Default_Written_MeansWhatNothingMeans(string key)
    {
        var setting = Setting(key);
        var written = new Dictionary<string, string?> { [key] = setting.Default };
        var property = typeof(ConvoyRedisOptions).GetProperty(setting.Property)!;

        Assert.True(new TargetChange(Target([]), Target(written)).IsNone);
        if (property.PropertyType != typeof(string))
            Assert.Equal(property.GetValue(Options(written)), property.GetValue(new ConvoyRedisOptions()));
        Assert.StartsWith($"`{setting.Default}`", setting.DefaultDoc, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Example_OfEachSetting_IsRightAndNotTheDefault(string key)
    {
        var setting = Setting(key);

        Assert.NotNull(Target(Changed(key, setting.Example)));
        Assert.NotEqual(setting.Default, setting.Example);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void EmptyVariable_OverAValue_ClearsTextAndLeavesTheRest(string key)
    {
        var setting = Setting(key);
        var options = Loading.Load($$"""{ "redis": { "{{key}}": "{{Changes[key].Value}}" } }""", new Dictionary<string, string?> { [setting.Variable] = "" });

        Assert.Equal(NotText.Contains(key) ? Changes[key].Value : "", options.Values[setting]!.Text);
    }

    [Fact]
    public void Target_PropertiesThatAreGivenAValue_HaveIt()
    {
        var properties = typeof(ConvoyRedisTarget).GetProperties().Where(property => property.CanWrite).ToList();

        Assert.NotEmpty(properties);
        Assert.All(properties, property =>
        {
            var target = Target([]);
            var value = Another(property.PropertyType);
            property.SetValue(target, value);
            Assert.Equal(value, property.GetValue(target));
        });
    }

    private static object Another(Type type) => type switch
    {
        _ when type == typeof(string) => "x",
        _ when type == typeof(bool) => true,
        _ when type == typeof(TimeSpan) => TimeSpan.FromMilliseconds(1),
        _ when type.IsEnum => Enum.ToObject(type, 1),
        _ when type == typeof(IReadOnlyList<string>) => new List<string> { "x" },
        _ when type == typeof(IReadOnlyList<ConvoyRedisEndpoint>) => new List<ConvoyRedisEndpoint> { new("x", 1) },
        _ when type == typeof(IReadOnlyDictionary<string, string>) => new Dictionary<string, string> { ["x"] = "y" },
        _ => new Dictionary<ConvoyRedisEndpoint, ConvoyRedisEndpoint> { [new("x", 1)] = new("y", 1) },
    };

    private static Setting Setting(string key) => Settings.All.Single(setting => setting.Key == key);

    private static Dictionary<string, string?> Changed(string key) => Changed(key, Changes[key].Value);

    private static Dictionary<string, string?> Changed(string key, string value)
    {
        var written = new Dictionary<string, string?>(Written) { [key] = value };
        if (key != "sentinel_tls")
            return written;

        // A certificate for the sentinels contradicts it; without it, that of the nodes is used, which is the same.
        written.Remove("sentinel_tls_cert_file");
        written.Remove("sentinel_tls_key_file");
        return written;
    }

    private static ConvoyRedisTarget Target(Dictionary<string, string?> written) => Options(written).Resolve();

    private static ConvoyRedisOptions Options(Dictionary<string, string?> written) =>
        ConvoyRedisOptions.Load(new ConfigurationBuilder().AddInMemoryCollection(written).Build());
}
