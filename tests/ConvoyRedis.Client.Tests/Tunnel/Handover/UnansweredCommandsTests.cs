using System.Text;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

public sealed class UnansweredCommandsTests
{
    private readonly UnansweredCommands _commands = new();
    private long _written;

    [Fact]
    public void After_SomeAreAnswered_IsTheRest()
    {
        Write("a", "b", "c");
        Write("d");
        Assert.Equal(Bytes("a", "b", "c", "d"), _commands.After(0));

        _commands.Forget(answered: 1);
        Assert.Equal(Bytes("b", "c", "d"), _commands.After(1));
        _commands.Forget(answered: 3);
        Assert.Equal(Bytes("d"), _commands.After(3));
        Assert.Null(_commands.After(2));
        _commands.Forget(answered: 4);
        Write("e");
        Assert.Equal(Bytes("e"), _commands.After(4));
    }

    [Fact]
    public void After_CommandInPieces_IsThereWhenItIsWhole()
    {
        var command = Bytes("in pieces");
        Write("a");
        _commands.Add(command.AsSpan(0, 7), 1, isEnd: false);
        Assert.Null(_commands.After(0));

        _commands.Add(command.AsSpan(7), 2, isEnd: true);
        Assert.Equal(Bytes("a", "in pieces"), _commands.After(0));
        _commands.Forget(answered: 1);
        Assert.Equal(command, _commands.After(1));
    }

    [Fact]
    public void After_MoreThanIsKept_IsUnknownUntilAllAreAnswered()
    {
        Write(new string('x', UnansweredCommands.MostBytes));
        Write("b");
        Assert.Null(_commands.After(0));
        Assert.Null(_commands.After(1));

        _commands.Forget(answered: 2);
        Write("c");
        Assert.Equal(Bytes("c"), _commands.After(2));
    }

    [Fact]
    public void After_ManyRounds_KeepsOnlyWhatIsUnanswered()
    {
        for (var round = 0; round < 10_000; round++)
        {
            Write($"{round}", new string('y', round % 5000));
            _commands.Forget(answered: _written - 1);
        }

        Assert.Equal(Bytes(new string('y', 9999 % 5000)), _commands.After(_written - 1));
    }

    private static byte[] Bytes(params string[] texts) =>
        Encoding.ASCII.GetBytes(string.Concat(texts.Select(text => $"*2\r\n$4\r\nECHO\r\n${text.Length}\r\n{text}\r\n")));

    private void Write(params string[] texts)
    {
        _written += texts.Length;
        _commands.Add(Bytes(texts), _written, isEnd: true);
    }
}
