using System.Reflection;
using ConvoyRedis.Client.IntegrationTests;
using ConvoyRedis.Testing;
using Xunit.v3;

[assembly: RedisIsThere]

namespace ConvoyRedis.Client.IntegrationTests;

/// <summary>Skips every test where there is no Redis to run it on.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class RedisIsThereAttribute : BeforeAfterTestAttribute
{
    private static readonly string? Reason = RedisTopology.UnavailableReason;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Reason is not null)
            Assert.Skip(Reason);
    }
}
