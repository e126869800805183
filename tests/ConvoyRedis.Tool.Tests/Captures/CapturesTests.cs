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
        static IEnumerable<string> Names(IEnumerable<CapturedText> texts) => texts.Where(text => text.X == Left(texts)).Select(text => text.Text.Split(' ')[0]).Distinct();

        var said = await SaidAsync("check", columns);

        Assert.Equal(Names(Captured($"check{suffix}")), Names(said));
        Assert.Equal(Headings(Captured($"check{suffix}")), Headings(said));
    }

    [Theory]
    [InlineData("", Columns)]
    [InlineData(Narrow, NarrowColumns)]
    public async Task CheckOfADeadNode_SaysTheSame(string suffix, int columns)
    {
        static string Whole(IEnumerable<CapturedText> texts) => string.Join(' ', texts.Select(text => text.Text)).Replace("#, #", "#", StringComparison.Ordinal);
        var captured = Whole(Captured($"check-quiet{suffix}"));
        var node = await deployment.ReplicaAsync(Token);
        await node.KillAsync();
        try
        {
            // The sentinels take a second to notice.
            await Eventually.TrueAsync(async () => Whole(await SaidAsync("check --quiet", columns)) is var said && said == captured, Token);
        }
        finally
        {
            await node.RestartAsync(Token);
            await deployment.Topology.WaitUntilSettledAsync(Token);
        }
    }

    [Theory]
    [InlineData("", Columns)]
    [InlineData(Narrow, NarrowColumns)]
    public async Task Watch_HasTheSameHeadings(string suffix, int columns) =>
        Assert.Equal(Headings(Captured($"watch{suffix}")), Headings(await SaidAsync("watch --for 4s", columns)));

    [Fact]
    public async Task Drill_ReportsTheSame()
    {
        // When the connection reports the new master, in relation to the first write, differs from drill to drill.
        static IEnumerable<string> Whole(IEnumerable<CapturedText> texts) => texts.Select(text => text.Text).Except(["F", "P", "W", "P W"]).Order(StringComparer.Ordinal);

        var said = await SaidAsync("drill", Columns);

        Assert.Equal(Whole(Captured("drill")), Whole(said));
    }

    private static int Left(IEnumerable<CapturedText> texts) => texts.Min(text => text.X);

    private static IEnumerable<string> Headings(IEnumerable<CapturedText> texts) => texts.Where(text => text.IsBold).Select(text => text.Text);

    private static IReadOnlyList<CapturedText> Captured(string name) => CapturedText.Of(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Pictures", $"{name}.svg")));

    // The pictures begin with the line of the command.
    private async Task<IReadOnlyList<CapturedText>> SaidAsync(string arguments, int columns)
    {
        var output = await TerminalScreen.RunRawAsync(deployment.Topology.EnvironmentVariables, arguments, Token, columns);
        return CapturedText.Of(CapturePicture.Draw(TerminalGrid.Of($"$ convoy-redis\r\n{output}", columns), columns));
    }

    /// <summary>Sentinels and two queues, as in the pictures.</summary>
    public sealed class Deployment : IAsyncLifetime
    {
        public SentinelTopology Topology { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Topology = await SentinelTopology.StartAsync();
            await (await Topology.GetMasterAsync()).ExecuteAsync("SADD", "asynq:queues", "critical", "default");
        }

        public async Task<RedisServer> ReplicaAsync(CancellationToken cancellationToken)
        {
            var master = await Topology.GetMasterAsync(cancellationToken);
            return Topology.Nodes.First(node => node != master);
        }

        public ValueTask DisposeAsync() => Topology.DisposeAsync();
    }
}
