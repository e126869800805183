using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Maintenance;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class HandledMovesTests
{
    private static readonly ConvoyRedisEndpoint One = new("10.0.0.1", 6379);
    private static readonly ConvoyRedisEndpoint Two = new("10.0.0.2", 6379);

    [Fact]
    public void Contains_TheSameMoveFromTheSameAddress_IsTrueAlsoWithAnotherTime()
    {
        var moves = new HandledMoves();

        moves.Add(One, new EndpointMoves(1, TimeSpan.FromSeconds(15), Two));

        Assert.True(moves.Contains(One, new EndpointMoves(1, TimeSpan.FromSeconds(3), Two)));
        Assert.False(moves.Contains(One, new EndpointMoves(2, TimeSpan.FromSeconds(15), Two)));
        Assert.False(moves.Contains(One, new EndpointMoves(1, TimeSpan.FromSeconds(15), null)));
        Assert.False(moves.Contains(Two, new EndpointMoves(1, TimeSpan.FromSeconds(15), Two)));
    }
}
