using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConvoyRedis.Client.Tests.Diagnostics;

public sealed class SafeLoggerTests
{
    [Fact]
    public void Log_LoggerThrows_IsDropped()
    {
        var calls = 0;
        using var inner = new FaultyLoggerFactory(() => calls++);
        using var factory = new SafeLoggerFactory(inner);
        var logger = factory.CreateLogger("test");

        Log.CredentialsChanged(logger);
        using var scope = logger.BeginScope("scope");

        Assert.Equal(1, calls);
        Assert.Null(scope);
    }

    [Fact]
    public void Equals_SameFactoryBehind_IsTrue()
    {
        using var inner = new FaultyLoggerFactory(() => { });

        Assert.Equal(new SafeLoggerFactory(inner), new SafeLoggerFactory(inner));
        Assert.NotEqual(new SafeLoggerFactory(inner), new SafeLoggerFactory(NullLoggerFactory.Instance));
    }
}
