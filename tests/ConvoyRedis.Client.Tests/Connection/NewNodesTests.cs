using System.Net;
using System.Reflection;
using ConvoyRedis.Client.Cluster;
using ConvoyRedis.Client.Connection;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class NewNodesTests
{
    private static readonly ClusterLayout Layout = Read("slave a");
    private static readonly ClusterLayout WithoutSlots = Read("master -");

    private readonly WatchedClock _clock = new();
    private readonly IConnectionMultiplexer _multiplexer = DispatchProxy.Create<IConnectionMultiplexer, Multiplexer>();

    // Until it has, and one more reading has not removed what it learned; the second reading does not take place.
    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 5)]
    public async Task Learn_TheNodeThatIsAskedHasNotHeardOfThem_AsksAgainUntilItHas(int learnsAfter, int readings)
    {
        var multiplexer = (Multiplexer)_multiplexer;
        multiplexer.LearnsAfter = learnsAfter;

        var learning = NewNodes.LearnAsync(_multiplexer, Layout, _clock);
        await _clock.PassUntilAsync(TimeSpan.FromSeconds(1), () => learning.IsCompleted);

        Assert.Equal(readings, multiplexer.Readings);
    }

    // Every third reading removes it: no reading more than needed.
    [Fact]
    public async Task Learn_NodeServesNoSlots_EndsAsSoonAsItIsKnown()
    {
        var multiplexer = (Multiplexer)_multiplexer;
        multiplexer.LearnsAfter = 1;

        var learning = NewNodes.LearnAsync(_multiplexer, WithoutSlots, _clock);
        await _clock.PassUntilAsync(TimeSpan.FromSeconds(1), () => learning.IsCompleted);

        Assert.Equal(1, multiplexer.Readings);
    }

    // It may know the nodes, and not who replicates whom.
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public async Task AllAreKnown_ReadsTheLayoutAgainIfItIsNew(bool isNew, int readings)
    {
        var multiplexer = (Multiplexer)_multiplexer;
        multiplexer.LearnsAfter = 0;

        await (isNew ? NewNodes.LearnAsync(_multiplexer, Layout, _clock) : NewNodes.ConnectAsync(_multiplexer, Layout, _clock));

        Assert.Equal(readings, multiplexer.Readings);
    }

    [Fact]
    public async Task Learn_NobodyEverTellsOfThem_GivesUp()
    {
        var began = _clock.GetTimestamp();

        var learning = NewNodes.LearnAsync(_multiplexer, Layout, _clock);
        await _clock.PassUntilAsync(TimeSpan.FromSeconds(1), () => learning.IsCompleted);

        Assert.InRange(_clock.GetElapsedTime(began), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    }

    // One known by its host name, one that is new, and one that StackExchange.Redis leaves out.
    private static ClusterLayout Read(string added) => ClusterLayout.Read($"""
        a 127.0.0.1:7001@1,node-1 myself,master - 0 0 1 connected 0-16383
        b 127.0.0.1:7002@1 {added} 0 0 0 connected
        c 127.0.0.1:7003@1 slave,fail a 0 0 1 disconnected
        """)!;

    // Public, since the runtime derives from it.
    public class Multiplexer : DispatchProxy
    {
        public int LearnsAfter { get; set; } = int.MaxValue;

        public int Readings { get; private set; }

        // Another reading is under way when the second is asked for.
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            nameof(IConnectionMultiplexer.ConfigureAsync) => Task.FromResult(++Readings != 2),
            nameof(IConnectionMultiplexer.GetEndPoints) => Endpoints(),
            var name => throw new NotSupportedException(name),
        };

        private EndPoint[] Endpoints() => Readings < LearnsAfter
            ? [new DnsEndPoint("node-1", 7001)]
            : [new DnsEndPoint("node-1", 7001), new IPEndPoint(IPAddress.Loopback, 7002)];
    }
}
