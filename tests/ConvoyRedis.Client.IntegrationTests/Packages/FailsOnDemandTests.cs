namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>Fails when it is told to, so that <see cref="TestScriptTests"/> can see what the test script makes of a failure.</summary>
public sealed class FailsOnDemandTests
{
    /// <summary>The environment variable with the message to fail with.</summary>
    public const string Variable = "TEST_FAILS_WITH";

    [Fact]
    public void Test_VariableIsSet_Fails()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } message)
            Assert.Fail(message);
    }

    [Fact]
    public void Test_Always_Passes()
    {
        // The script refuses a run in which no test passed.
    }
}
