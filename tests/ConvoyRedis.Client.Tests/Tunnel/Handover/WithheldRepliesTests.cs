using System.Text;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

public sealed class WithheldRepliesTests
{
    private readonly WithheldReplies _replies = new();
    private readonly byte[] _buffer = new byte[4];

    [Fact]
    public void Take_Held_GivesNothing()
    {
        Assert.True(_replies.TryKeep("+OK\r\n"u8));

        Assert.Equal("", Take(isHeld: true));
    }

    [Fact]
    public void Take_NotHeldAnyMore_GivesEverythingInOrder()
    {
        _replies.TryKeep("+OK\r\n"u8);
        _replies.TryKeep(":12\r\n"u8);

        Assert.Equal("+OK\r", Take(isHeld: false));
        Assert.Equal("\n:12", Take(isHeld: false));
        Assert.Equal("\r\n", Take(isHeld: false));
        Assert.Equal("", Take(isHeld: false));
    }

    [Fact]
    public void Take_TooMuchWasWithheld_GivesEverythingAndWhatFollowsIsPassedOn()
    {
        var large = new byte[WithheldReplies.MostBytes + 1];
        Assert.True(_replies.TryKeep(large));
        Assert.True(_replies.TryKeep("+OK\r\n"u8));

        var taken = 0;
        while (_replies.Take(large, isHeld: true) is > 0 and var length)
            taken += length;

        Assert.Equal(large.Length + 5, taken);
        Assert.False(_replies.TryKeep("+OK\r\n"u8));

        // The next hold withholds again.
        Assert.Equal("", Take(isHeld: false));
        Assert.True(_replies.TryKeep("+OK\r\n"u8));
    }

    [Fact]
    public void TryDrop_RepliesWereDue_GivesThemNoMore()
    {
        _replies.Begin(areExpected: true);
        _replies.TryKeep("+OK\r\n"u8);

        Assert.True(_replies.TryDrop());

        Assert.Equal("", Take(isHeld: false));
    }

    [Fact]
    public void TryDrop_NothingWasDue_DropsNothing()
    {
        _replies.Begin(areExpected: false);

        Assert.False(_replies.TryDrop());

        _replies.TryKeep("+OK\r\n"u8);
        Assert.Equal("+OK\r", Take(isHeld: false));
    }

    private string Take(bool isHeld) => Encoding.ASCII.GetString(_buffer, 0, _replies.Take(_buffer, isHeld));
}
