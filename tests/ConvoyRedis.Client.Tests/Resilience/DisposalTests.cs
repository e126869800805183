using ConvoyRedis.Client.Resilience;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.Tests.Resilience;

public sealed class DisposalTests
{
    [Fact]
    public async Task EndAsync_PartsThrow_EndsAllInOrderAndLogsEach()
    {
        var logger = new FakeLogger();
        var ended = new List<string>();

        await Disposal.EndAsync(
            logger,
            ("one", Disposal.Of(() => throw new InvalidOperationException("at once"))),
            ("two", Disposal.Of(() => ended.Add("two"))),
            ("three", FailLaterAsync),
            ("four", Disposal.Of(() => ended.Add("four"))));

        Assert.Equal(["two", "four"], ended);
        Assert.Equal(
            ["Disposing one failed: at once", "Disposing three failed: later"],
            logger.Collector.GetSnapshot().Select(record => $"{record.Message[..record.Message.IndexOf(" unexpectedly", StringComparison.Ordinal)]}: {record.Exception!.Message}"));
    }

    private static async ValueTask FailLaterAsync()
    {
        await Task.Yield();
        throw new InvalidOperationException("later");
    }
}
