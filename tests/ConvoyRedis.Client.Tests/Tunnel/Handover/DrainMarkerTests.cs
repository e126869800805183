using System.Text;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>Which answers of a node prove that it has answered everything before.</summary>
public sealed class DrainMarkerTests
{
    private const string Refusal = "-NOPERM this user has no permissions to run the 'echo' command\r\n";

    // What the marker answers to itself stands for {0}.
    [Theory]
    [InlineData("{0}{0}", true)]
    [InlineData(Refusal + "{0}", true)]
    [InlineData("{0}-MISCONF Redis is configured to save RDB snapshots\r\n", true)]
    [InlineData(Refusal + Refusal, false)]
    [InlineData("+PONG\r\n{0}", false)]
    [InlineData("{0}+PONG\r\n", false)]
    [InlineData("$4\r\nelse\r\n{0}", false)]
    public async Task Read_AnswersInPiecesOfAnyLength_AreConfirmedOrNot(string replies, bool isDrained)
    {
        for (var piece = 1; piece < 200; piece++)
        {
            var marker = new DrainMarker(0);
            var commands = Encoding.ASCII.GetString(marker.Command.Span).Split("\r\n");
            var bytes = Encoding.ASCII.GetBytes(replies.Replace("{0}", $"{commands[3]}\r\n{commands[4]}\r\n", StringComparison.Ordinal));

            for (var position = 0; position < bytes.Length; position += piece)
                marker.Read(bytes.AsSpan(position, Math.Min(piece, bytes.Length - position)));

            Assert.Equal(isDrained, await marker.Drained);
        }
    }

    [Fact]
    public async Task Read_SomethingBehindTheAnswer_IsNotConfirmed()
    {
        var marker = new DrainMarker(0);
        var commands = Encoding.ASCII.GetString(marker.Command.Span).Split("\r\n");
        var reply = $"{commands[3]}\r\n{commands[4]}\r\n";

        marker.Read(Encoding.ASCII.GetBytes($"{reply}{reply}+OK\r\n"));

        Assert.False(await marker.Drained);
    }

    [Fact]
    public async Task Read_ErrorWithoutEnd_IsNoAnswer()
    {
        var marker = new DrainMarker(0);

        marker.Read(Encoding.ASCII.GetBytes($"-ERR {new string('x', 2000)}"));

        Assert.False(await marker.Drained);
    }
}
