using ConvoyRedis.Testing;

namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>The command still says what its pictures in docs/images show. If not: <c>./eng/captures.sh</c> draws them anew.</summary>
/// <param name="deployment">What the command is run on.</param>
public sealed class CapturesTests(CapturesTests.Deployment deployment) : IClassFixture<CapturesTests.Deployment>
{
    /// <summary>What the pictures for phones end with, and the columns of their terminal.</summary>
    public const string Narrow = "-narrow";

    /// <summary>The columns of the terminal in the other ones.</summary>
    public const int Columns = 80;

    private const int NarrowColumns = 58;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", Columns)]
    [InlineData(Narrow, NarrowColumns)]
    public async Task Help_IsTheSame(string suffix, int columns) =>
        Assert.Equal(Captured($"help{suffix}"), await SaidAsync("--help", columns));

    [Theory]
    [InlineData("", Columns)]
    [InlineData(Narrow, NarrowColumns)]
    public async Task Check_HasTheSameRowsAndHeadings(string suffix, int columns)
    {
        // What is wrong comes after the tables; in the picture, all is well.
        static IReadOnlyList<CapturedText> Tables(IEnumerable<CapturedText> texts) => [.. texts.TakeWhile(text => text.Text is not ("!" or "✗"))];

        // A master and a replica have different rows: which node is the master decides in which order they come.
        static IEnumerable<string> Names(IEnumerable<CapturedText> texts) => texts.Where(text => text.X == Left(texts)).Select(text => text.Text.Split(' ')[0]).Except(["#"]).Order(StringComparer.Ordinal);

        var captured = Captured($"check{suffix}");

        // On a busy machine a server may be late with its answer. Longer addresses take more tables.
        await Eventually.TrueAsync(async () =>
        {
            var said = Tables(await SaidAsync("check --timeout 30s", columns));
            return Names(captured).SequenceEqual(Names(said)) && Headings(captured).Distinct().SequenceEqual(Headings(said).Distinct());
        }, Token);
    }

    [Fact]
    public async Task CheckOfADeadNode_SaysTheSame()
    {
        static string Whole(IEnumerable<CapturedText> texts) => string.Join(' ', texts.Select(text => text.Text)).Replace("#, #", "#", StringComparison.Ordinal);
        var captured = Whole(Captured("check-quiet"));
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);
        await topology.Nodes.First(node => node != master).KillAsync();

        // The sentinels take a second to notice.
        await Eventually.TrueAsync(async () => Whole(await SaidAsync("check --quiet", Columns, topology)) == captured, Token);
    }

    private static int Left(IEnumerable<CapturedText> texts) => texts.Min(text => text.X);

    private static IEnumerable<string> Headings(IEnumerable<CapturedText> texts) => texts.Where(text => text.IsHeading).Select(text => text.Text);

    private static IReadOnlyList<CapturedText> Captured(string name) => CapturedText.Of(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pictures", $"{name}.svg")));

    // The pictures begin with the line of the command.
    private async Task<IReadOnlyList<CapturedText>> SaidAsync(string arguments, int columns, SentinelTopology? topology = null)
    {
        var output = await TerminalScreen.RunRawAsync((topology ?? deployment.Topology).EnvironmentVariables, arguments, Token, columns);
        return CapturedText.Of(CapturePicture.Draw(TerminalGrid.Of($"$ convoy-redis\r\n{output}", columns), columns));
    }

    /// <summary>Sentinels and two queues, as in the pictures; several tests use it at the same time, and none disturbs it.</summary>
    public sealed class Deployment : IAsyncLifetime
    {
        public SentinelTopology Topology { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Topology = await SentinelTopology.StartAsync();
            await (await Topology.GetMasterAsync()).ExecuteAsync("SADD", "asynq:queues", "critical", "default");
        }

        public ValueTask DisposeAsync() => Topology.DisposeAsync();
    }
}
