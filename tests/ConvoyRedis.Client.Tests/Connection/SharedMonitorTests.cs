using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Which connections share a monitor.</summary>
public sealed class SharedMonitorTests
{
    private const string Secret = "s3cret";

    [Fact]
    public void KeyOf_SameSettingsAndSurroundings_IsTheSame()
    {
        var (one, other) = (Target(database: 1), Target(database: 2));

        Assert.Equal(SharedMonitor.KeyOf(one, Context()), SharedMonitor.KeyOf(other, Context()));
    }

    [Fact]
    public void KeyOf_OtherContentsOfATlsFile_IsAnother()
    {
        using var directory = new TemporaryDirectory();
        var target = Target(authorities: directory.Write("ca.pem", "one"));
        var before = SharedMonitor.KeyOf(target, Context());

        directory.Write("ca.pem", "two");

        Assert.NotEqual(before, SharedMonitor.KeyOf(target, Context()));
    }

    [Fact]
    public void KeyOf_OtherLogClockOrFigures_IsAnother()
    {
        var target = Target();
        var key = SharedMonitor.KeyOf(target, Context());
        using var loggers = new LoggerFactory();

        Assert.NotEqual(key, SharedMonitor.KeyOf(target, Context() with { LoggerFactory = loggers }));
        Assert.NotEqual(key, SharedMonitor.KeyOf(target, Context() with { Time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider() }));
        Assert.NotEqual(key, SharedMonitor.KeyOf(target, Context() with { Telemetry = new Telemetry(new Instruments(null), target) }));
    }

    [Fact]
    public void KeyOf_WithPasswords_ShowsNone() =>
        Assert.DoesNotContain(Secret, $"{SharedMonitor.KeyOf(Target(), Context())}", StringComparison.Ordinal);

    private static ConvoyRedisTarget Target(int database = 0, string? authorities = null) => new ConvoyRedisOptions
    {
        Password = Secret,
        SentinelPassword = Secret,
        Database = database,
        TlsCaCertFile = authorities,
    }.Resolve();

    private static ConnectionContext Context() => new(
        NullLoggerFactory.Instance, NullLogger.Instance, TimeProvider.System, new Telemetry(Instruments.Shared, Target()), _ => { });
}
