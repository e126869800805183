namespace ConvoyRedis.Tests;

/// <summary>
/// Replication is asynchronous: when a replica lags at the moment of its promotion (on a busy machine it need only not be scheduled for 50 ms),
/// Redis loses what it had not sent, and the handover reports so. What a handover promises is tested on one whose replica kept up.
/// </summary>
internal static class Lossless
{
    private const int Attempts = 4;

    /// <summary>Runs a scenario until it was reported lossless; then its check must hold. One that is not reported at all fails.</summary>
    /// <param name="scenario">Gives how many bytes may be lost, and what to check if none may.</param>
    public static async Task AssertAsync(Func<Task<(long? PossiblyLostBytes, Action Check)>> scenario)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (lost, check) = await scenario();
            Assert.True(lost is not null, "It was cut in place of handed over.");
            if (lost == 0)
            {
                check();
                return;
            }

            TestContext.Current.SendDiagnosticMessage($"The replica lagged by {lost} bytes.");
        }

        Assert.Fail($"The replica lagged in each of {Attempts} failovers.");
    }
}
