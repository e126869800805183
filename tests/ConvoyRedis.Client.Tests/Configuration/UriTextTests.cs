using FsCheck;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Configuration;

public sealed class UriTextTests
{
    [Fact]
    public void Parse_EveryPart_IsUnderstood()
    {
        var target = ConvoyRedisOptions.Parse("redis-sentinel://us%40er:p%3A%2F@s1:1,s2,[::1]:3/4?master=my%20master&sentinel_password=x&tls=true")
            .Resolve();

        Assert.Equal(["s1:1", "s2:26379", "[::1]:3"], target.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(("us@er", "p:/", 4, "my master", "x", true),
            (target.Username, target.Password, target.Database, target.MasterName, target.SentinelPassword, target.Tls));
    }

    [Theory]
    [InlineData("unix:///run/redis.sock", "Standalone /run/redis.sock")]
    [InlineData("redis://a,redis://B:7,redis://b.:7", "Cluster a:6379,B:7")]
    [InlineData("redis://", "Standalone localhost:6379")]
    [InlineData("redis://[::1]", "Standalone [::1]:6379")]
    [InlineData("redis-sentinel://s?master=%20m%20", "Sentinel s:26379 master m")]
    public void Parse_Addresses_AreThose(string uri, string expected) => Assert.Equal(expected, ConvoyRedisOptions.Parse(uri).Resolve().ToString());

    [Theory]
    [InlineData(107, true)]
    [InlineData(108, false)]
    public void Resolve_SocketWithALongPath_IsAProblem(int bytes, bool isRight)
    {
        var options = ConvoyRedisOptions.Parse($"unix:///{new string('a', bytes - 3)}%C3%A4");

        Assert.Equal(isRight ? 0 : 1, Loading.Failures(options).Count);
    }

    [Theory]
    [InlineData("rediss")]
    [InlineData("redis-sentinel")]
    public void Resolve_SocketUnderASchemeOfCode_IsAProblem(string scheme)
    {
        var options = Loading.Environment(("CONVOY_REDIS_CLUSTER_ADDRESSES", "unix:///run/redis.sock"));
        (options.Scheme, options.MasterName) = (scheme, "m");

        Assert.StartsWith("Scheme (code): ", Loading.Failures(options)[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OptionsOfGoRedis_AreReadOrWarnedOf()
    {
        var target = ConvoyRedisOptions.Parse("rediss://h/1?db=2&dial_timeout=3&read_timeout=1m&client_name=x&skip_verify=1&pool_size=9&protocol=3").Resolve();

        Assert.Equal((2, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(1), "x", true),
            (target.Database, target.ConnectTimeout, target.CommandTimeout, target.ClientName, target.TlsSkipVerify));
        Assert.Equal(
            ["the URI has the parameter pool_size, which has no effect here.", "the URI has the parameter protocol, which has no effect here."], target.Warnings);
    }

    // The options of go-redis (options.go) that have no effect here.
    [Theory]
    [InlineData("protocol")]
    [InlineData("max_retries")]
    [InlineData("min_retry_backoff")]
    [InlineData("max_retry_backoff")]
    [InlineData("write_timeout")]
    [InlineData("pool_fifo")]
    [InlineData("pool_size")]
    [InlineData("pool_timeout")]
    [InlineData("min_idle_conns")]
    [InlineData("max_idle_conns")]
    [InlineData("max_active_conns")]
    [InlineData("max_concurrent_dials")]
    [InlineData("conn_max_idle_time")]
    [InlineData("idle_timeout")]
    [InlineData("conn_max_lifetime")]
    [InlineData("max_conn_age")]
    [InlineData("conn_max_lifetime_jitter")]
    public void Parse_OptionWithoutAMeaning_Warns(string option) =>
        Assert.Equal([$"the URI has the parameter {option}, which has no effect here."], ConvoyRedisOptions.Parse($"redis://h?{option}=1").Resolve().Warnings);

    [Theory]
    [InlineData("rediss://h?skip_verify=true&tls_ca_cert_file=/c")]
    [InlineData("rediss://h?tls_ca_cert_file=/c&skip_verify=true")]
    public void Resolve_ParametersInAnyOrder_MeanTheSame(string url)
    {
        Assert.True(ConvoyRedisOptions.Parse(url).Resolve().TlsSkipVerify);
        Assert.True(Loading.Environment(("CONVOY_REDIS_CLUSTER_ADDRESSES", url)).Resolve().TlsSkipVerify);
    }

    [Theory]
    [InlineData("http://h")]
    [InlineData("h:6379")]
    [InlineData("redis://h,")]
    [InlineData("redis://h:x")]
    [InlineData("redis://:p/ss@h")]
    [InlineData("redis://:p%zz@h")]
    [InlineData("redis://h/0/1")]
    [InlineData("redis://h#f")]
    [InlineData("redis://h?unknown=1")]
    [InlineData("redis://h?database")]
    [InlineData("redis://h/1?database=2")]
    [InlineData("redis://h?host=other")]
    public void Parse_Wrong_Throws(string uri) => Assert.Throws<FormatException>(() => ConvoyRedisOptions.Parse(uri));

    [Fact]
    public void Parse_AnyEncodedParts_GivesThemBack() =>
        Prop.ForAll<NonEmptyString, NonEmptyString, NonEmptyString>((user, password, master) =>
        {
            // A lone surrogate has no encoding in UTF-8, and a master's name stands on a line of sentinel.conf between blanks.
            if (!IsText(user.Get + password.Get + master.Get) || master.Get.Trim() != master.Get)
                return true;
            var target = ConvoyRedisOptions.Parse($"redis-sentinel://{Uri.EscapeDataString(user.Get)}:{Uri.EscapeDataString(password.Get)}@s"
                + $"?master={Uri.EscapeDataString(master.Get)}").Resolve();
            return (target.Username, target.Password, target.MasterName) == (user.Get, password.Get, master.Get);
        }).Holds();

    [Fact]
    public void Parse_AnyText_ThrowsNothingButFormatException() =>
        Prop.ForAll<NonNull<string>, bool>((text, isUrl) =>
        {
            try
            {
                ConvoyRedisOptions.Parse(isUrl ? "redis://" + text.Get : text.Get);
            }
            catch (FormatException)
            {
                // That is what it is for.
            }
        }).Holds();

    private static bool IsText(string text) => text.EnumerateRunes().All(rune => rune.Value != 0xFFFD);
}
