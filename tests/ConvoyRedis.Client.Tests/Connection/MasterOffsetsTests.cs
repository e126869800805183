using ConvoyRedis.Client.Connection;
using Microsoft.Extensions.Time.Testing;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class MasterOffsetsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly MasterOffsets _offsets;

    public MasterOffsetsTests() => _offsets = new MasterOffsets(10 * Second, _time);

    [Fact]
    public void NothingKnown_NothingIsSaid()
    {
        Assert.Null(_offsets.Behind(100));
        _offsets.Note(100);
        _offsets.Clear();
        Assert.Null(_offsets.Behind(100));
    }

    [Theory]
    [InlineData(500, 0)]
    [InlineData(400, 0)]
    [InlineData(399, 1)]
    [InlineData(250, 2)]
    [InlineData(100, 3)]
    public void Replica_IsBehindSinceItLacksSomething(long offset, int seconds)
    {
        Write(100, 200, 300, 400);

        Assert.Equal(seconds * Second, _offsets.Behind(offset));
    }

    // Just after a move to another master, a replica that is milliseconds behind has less than the first offset that is known.
    [Fact]
    public void ReplicaThatLacksMoreThanIsKnown_IsBehindForAsLongAsSomethingIsKnown()
    {
        Write(100);
        Assert.Equal(TimeSpan.Zero, _offsets.Behind(99));

        Write(200, 300);
        Assert.Equal(2 * Second, _offsets.Behind(99));
    }

    // What is not known is not trusted, before anything is read from a replica.
    [Theory]
    [InlineData(400, true)]
    [InlineData(250, true)]
    [InlineData(199, false)]
    [InlineData(99, false)]
    public void Replica_IsWithin_IfItHasWhatIsKnownOfThatTime(long offset, bool isWithin)
    {
        Assert.Null(_offsets.IsWithin(offset, 2 * Second));

        Write(100, 200, 300, 400);

        Assert.Equal(isWithin, _offsets.IsWithin(offset, 2 * Second));
        _time.Advance(11 * Second);
        Assert.False(_offsets.IsWithin(offset, 2 * Second));
    }

    [Fact]
    public void NobodyWrites_NobodyIsBehind()
    {
        Write([.. Enumerable.Repeat(100L, 30)]);

        Assert.Equal(TimeSpan.Zero, _offsets.Behind(100));
    }

    // The master does not answer: what was known stays true for a while.
    [Fact]
    public void NewestIsOld_NothingIsTrustedAnyMore()
    {
        Write(100, 200);
        _time.Advance(9 * Second);
        Assert.Equal(Second, _offsets.Behind(150));

        _time.Advance(2 * Second);
        Assert.Equal(TimeSpan.MaxValue, _offsets.Behind(200));
    }

    private void Write(params long[] offsets)
    {
        foreach (var offset in offsets)
        {
            _time.Advance(Second);
            _offsets.Note(offset);
        }
    }
}
