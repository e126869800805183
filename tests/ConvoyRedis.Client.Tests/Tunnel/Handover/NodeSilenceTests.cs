using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

public sealed class NodeSilenceTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WaitAsync_NothingComes_Throws()
    {
        var answer = new TaskCompletionSource<int>().Task;

        var exception = await Assert.ThrowsAsync<TimeoutException>(() => NodeSilence.WaitAsync(answer, () => true, TimeProvider.System, Token).WaitAsync(Bound, Token));

        Assert.Contains("250 ms", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WaitAsync_SomethingComesNowAndThen_WaitsForTheAnswer()
    {
        var answer = new TaskCompletionSource<int>();
        var questions = 0;

        // Silent but for every third question, for longer than the patience.
        bool WasSilent()
        {
            if (++questions == 30)
                answer.SetResult(42);
            return questions % 3 != 0;
        }

        Assert.Equal(42, await NodeSilence.WaitAsync(answer.Task, WasSilent, TimeProvider.System, Token).WaitAsync(Bound, Token));
    }

    [Fact]
    public async Task WaitAsync_NodePausesItsWriters_WaitsUntilItNoLongerDoes()
    {
        var (answer, questions) = (new TaskCompletionSource<int>().Task, 0);

        var waiting = NodeSilence.WaitAsync(answer, () => true, TimeProvider.System, Token, () => Task.FromResult(++questions <= 3));

        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(Bound, Token));
        Assert.Equal(4, questions);
    }

    [Fact]
    public async Task WaitAsync_NobodyAnswersWhetherItPauses_Throws()
    {
        var answer = new TaskCompletionSource<int>().Task;

        var waiting = NodeSilence.WaitAsync(answer, () => true, TimeProvider.System, Token, () => new TaskCompletionSource<bool>().Task);

        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(Bound, Token));
    }
}
