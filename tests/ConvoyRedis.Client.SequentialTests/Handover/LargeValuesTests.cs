using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Handover;

/// <summary>Values of 64 MiB: to be sure that they are handed over within hold_deadline, nobody else may use the machine.</summary>
public sealed class LargeValuesTests
{
    [Fact]
    public Task ValuesOf64MiB_PlannedFailover_NoneFailsOrIsLost() => FailoverUnder.AssertLosslessAsync("values of 64 MiB", ReadAsync);

    private static async Task ReadAsync(IDatabase database, CancellationToken stop)
    {
        // Read, and counted beside: written all the time it would make the replicas lag, which is another matter.
        var value = new byte[64 * 1024 * 1024];
        new Random(1).NextBytes(value);
        await database.StringSetAsync("w", value);
        for (var number = 1; !stop.IsCancellationRequested; number++)
        {
            var counting = database.StringIncrementAsync("w:read");
            var got = (byte[]?)await database.StringGetAsync("w");
            Assert.True(value.AsSpan().SequenceEqual(got));
            Assert.Equal(number, await counting);
        }
    }
}
