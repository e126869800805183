using ConvoyRedis.Client.Maintenance;

namespace ConvoyRedis.Client.Tests.Maintenance;

/// <summary>When the endpoint is looked at, and for how long.</summary>
public sealed class MasterLookoutTests
{
    private readonly WatchedClock _clock = new();

    [Fact]
    public void Move_ToAnAddress_AsksTheNameAfterHalfOfTheTime()
    {
        var lookout = MasterLookout.For(new EndpointMoves(1, TimeSpan.FromSeconds(10), new("10.0.0.1", 6379)), _clock)!;
        Assert.True(lookout.IsClose);
        Assert.False(lookout.IsNameAsked);

        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.True(lookout.IsNameAsked);
        Assert.True(lookout.IsAnyTaken);
    }

    [Fact]
    public void Move_WithoutAnAddress_TakesAnyMasterOnceAfterHalfOfTheTimeAndEnds()
    {
        var lookout = MasterLookout.For(new EndpointMoves(1, TimeSpan.FromSeconds(10), null), _clock)!;
        Assert.True(lookout.IsNameAsked);
        Assert.False(lookout.IsAnyTaken);

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.True(lookout.IsAnyTaken);
        lookout.WasRenewed = true;
        Assert.False(lookout.IsAnyTaken);
        Assert.False(lookout.IsOver);

        _clock.Advance(TimeSpan.FromSeconds(5) + MasterLookout.Lead);
        Assert.True(lookout.IsOver);
    }

    // The start is bounded: a clock may be wrong.
    [Theory]
    [InlineData(20, 15)]
    [InlineData(-100, 0)]
    [InlineData(3, 0)]
    [InlineData(100_000, 115)]
    [InlineData(null, 0)]
    public void AzureStarting_IsLookedAtCloselyShortlyBeforeTheStartAndNotForGood(int? startsIn, int closeAfter)
    {
        var start = startsIn is { } seconds ? _clock.GetUtcNow().AddSeconds(seconds) : (DateTimeOffset?)null;
        var lookout = MasterLookout.For(new NodeMaintained(AzureStep.Starting, start, IsReplica: false), _clock)!;
        Assert.Equal(closeAfter == 0, lookout.IsClose);

        _clock.Advance(TimeSpan.FromSeconds(closeAfter));
        Assert.True(lookout.IsClose);
        Assert.False(lookout.IsAnyTaken);
        Assert.False(lookout.IsOver);

        _clock.Advance(MasterLookout.Lead + MasterLookout.Patience);
        Assert.True(lookout.IsOver);
    }

    [Fact]
    public void Azure_WhatConcernsTheReplicaOrIsFarAhead_IsNotLookedAt()
    {
        Assert.Null(MasterLookout.For(new NodeMaintained(AzureStep.Starting, null, IsReplica: true), _clock));
        Assert.Null(MasterLookout.For(new NodeMaintained(AzureStep.Start, null, IsReplica: true), _clock));
        Assert.Null(MasterLookout.For(new NodeMaintained(AzureStep.Scheduled, null, IsReplica: false), _clock));
        Assert.NotNull(MasterLookout.For(new NodeMaintained(AzureStep.FailoverComplete, null, IsReplica: true), _clock));
    }
}
