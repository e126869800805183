using System.Net.Security;
using System.Reflection;
using ConvoyRedis.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>What <see cref="ConvoyRedisOptions.ConfigureMultiplexer"/> may set, and how the rest is refused.</summary>
public sealed class CallersOptionsTests
{
    private static readonly string[] Free =
    [
        "AllowAdmin", "ChannelPrefix", "ConfigCheckSeconds", "DefaultVersion", "HeartbeatConsistencyChecks", "IncludeDetailInExceptions",
        "IncludePerformanceCountersInExceptions", "KeepAlive", "LibraryName", "RequestBufferPool", "ResponseBufferPool", "SetClientLibrary",
    ];

    [Fact]
    public void Resolve_FreeOptions_AreTaken()
    {
        var target = Options(options =>
        {
            options.AllowAdmin = true;
            options.ChannelPrefix = RedisChannel.Literal("app:");
            options.ConfigCheckSeconds = 5;
            options.DefaultVersion = new Version(6, 2);
            options.HeartbeatConsistencyChecks = true;
            options.IncludeDetailInExceptions = false;
            options.IncludePerformanceCountersInExceptions = true;
            options.KeepAlive = 30;
            options.LibraryName = "shop";
            options.SetClientLibrary = false;

            // As this library sets it itself.
            options.AbortOnConnectFail = false;
        }).Resolve();

        Assert.NotNull(target.ConfigureMultiplexer);
    }

    [Fact]
    public void Resolve_OptionsThatOthersDecide_AreRefusedByNameAllAtOnce()
    {
        var options = Options(options =>
        {
            options.Password = "s3cret";
            options.EndPoints.Add("elsewhere:6379");
            options.SyncTimeout = 1;
            options.Protocol = RedisProtocol.Resp3;
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.CertificateValidation += (_, _, _, errors) => errors == SslPolicyErrors.None;
            options.CertificateSelection += (_, _, _, _, _) => null!;
        });
        options.Scheme = "http";

        var problems = Assert.Throws<OptionsValidationException>(options.Resolve).Failures.ToList();

        Assert.Contains(problems, problem => problem.Contains("http", StringComparison.Ordinal));
        Assert.Equal(
            [
                "ConfigureMultiplexer sets BacklogPolicy, which it may not: this library decides it, since it finds and reaches the nodes.",
                "ConfigureMultiplexer sets CertificateSelectionCallback, which it may not: use tls_cert_file and tls_key_file.",
                "ConfigureMultiplexer sets CertificateValidationCallback, which it may not: use tls_ca_cert_file, tls_server_name or tls_skip_verify.",
                "ConfigureMultiplexer sets EndPoints, which it may not: use addresses.",
                "ConfigureMultiplexer sets Password, which it may not: use password.",
                "ConfigureMultiplexer sets Protocol, which it may not: subscriptions need a connection of their own, which they have with RESP2 only.",
                "ConfigureMultiplexer sets SyncTimeout, which it may not: use command_timeout.",
            ],
            problems.Where(problem => problem.StartsWith("ConfigureMultiplexer", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(problems, problem => problem.Contains("s3cret", StringComparison.Ordinal));
    }

    // A new version of StackExchange.Redis may bring more options: each is refused until it is known to be harmless.
    [Fact]
    public void Resolve_AnyOtherOption_IsRefused()
    {
        var settable = typeof(ConfigurationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.Name != "Defaults" && !property.IsDefined(typeof(ObsoleteAttribute)));
        var tried = 0;
        foreach (var property in settable.Where(property => !Free.Contains(property.Name)))
        {
            if (Other(property) is not { } value)
                continue;
            tried++;

            var problems = Assert.Throws<OptionsValidationException>(Options(options => property.SetValue(options, value)).Resolve).Failures;

            Assert.Contains(problems, problem => problem.StartsWith($"ConfigureMultiplexer sets {property.Name}, which it may not: ", StringComparison.Ordinal));
        }

        Assert.InRange(tried, 20, int.MaxValue);
    }

    // StackExchange.Redis would speak TLS inside of ours, and not connect.
    [Theory]
    [InlineData("shop.redis.cache.windows.net", 6380)]
    [InlineData("shop.westeurope.redis.azure.net", 10000)]
    public void Create_EndpointOfAzure_LeavesTlsToTheTunnel(string host, int port)
    {
        var options = CallersOptions.Create(new ConvoyRedisOptions { Scheme = "rediss", Addresses = $"{host}:{port}" }.Resolve(), Assert.Fail);
        options.EndPoints.Add(host, port);

        Assert.True(new ConfigurationOptions { EndPoints = { { host, port } } }.Ssl);
        Assert.False(options.Ssl);
    }

    [Fact]
    public void Resolve_CallbackThrows_IsAProblemLikeAnyOther()
    {
        var problems = Assert.Throws<OptionsValidationException>(Options(_ => throw new InvalidOperationException("not today")).Resolve).Failures;

        Assert.Equal(["ConfigureMultiplexer threw InvalidOperationException: not today"], problems);
    }

    [Fact]
    public void AddConvoyRedis_WrongOption_IsFoundWhenTheOptionsAreValidated()
    {
        var services = new ServiceCollection();
        services.AddConvoyRedis(options => (options.Scheme, options.Addresses, options.ConfigureMultiplexer) = ("redis", "localhost", multiplexer => multiplexer.Ssl = true));
        using var provider = services.BuildServiceProvider();

        var exception = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<ConvoyRedisOptions>>().Value);

        Assert.Contains("ConfigureMultiplexer sets Ssl, which it may not: set scheme to rediss.", exception.Message, StringComparison.Ordinal);
    }

    private static ConvoyRedisOptions Options(Action<ConfigurationOptions> configure) =>
        new() { Scheme = "redis", Addresses = "localhost", ConfigureMultiplexer = configure };

    // A value that differs from the present one, for the types of which one is easily made.
    private static object? Other(PropertyInfo property) => property.GetValue(CallersOptions.Create(Options(_ => { }).Resolve(), Assert.Fail)) switch
    {
        bool now => !now,
        int now => now + 1,
        TimeSpan now => now + TimeSpan.FromSeconds(1),
        string now => now + "other",
        null when property.PropertyType == typeof(string) => "other",
        null when property.PropertyType == typeof(int?) => 7,
        Proxy => Proxy.Twemproxy,
        CommandMap => CommandMap.Twemproxy,
        BacklogPolicy => BacklogPolicy.FailFast,
        IReconnectRetryPolicy => new LinearRetry(1),
        _ => null,
    };
}
