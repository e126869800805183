using System.Text;
using ConvoyRedis.Client.Tests.Doubles;
using ConvoyRedis.Client.Tests.Tunnel.Handover;
using ConvoyRedis.Shared;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Protocol;

/// <summary>Whatever a peer sends is a reply or an <see cref="IOException"/>, and takes no more memory than what was really sent.</summary>
public sealed class RespConnectionTests
{
    private const long MostAllocated = 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void ReadAsync_AnyBytesInAnyPieces_GivesTheSameRepliesAsAtOnce() =>
        Prop.ForAll(NastyInputs.After(Pipelines.Reply).Zip(Pipelines.Lengths).ToArbitrary(), input =>
            Assert.Equal(Read(input.Item1, []), Read(input.Item1, input.Item2))).Holds(2000);

    [Fact]
    public void ReadAsync_Corpus_GivesTheSameRepliesInPieces() => Assert.All(NastyInputs.Corpus, input =>
        Assert.All((int[][])[[1], [2, 3], [100], [4096]], cut => Assert.Equal(Read(input, []), Read(input, cut))));

    [Fact]
    public void ReadAsync_NestedUpToTheBound_IsRead()
    {
        var atBound = string.Concat(Enumerable.Repeat("*1\r\n", RespConnection.MostDepth)) + ":1\r\n";

        Assert.StartsWith("[[[[", Assert.Single(Read(atBound).Replies), StringComparison.Ordinal);
        Assert.Contains("nested more than 16 deep", Read($"*1\r\n{atBound}").Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*1000000000\r\n", "more than 100000 items")]
    [InlineData("*100000\r\n*1\r\n", "more than 100000 items")]
    [InlineData("%50001\r\n", "more than 100000 items")]
    [InlineData("$1000000000\r\n", "longer than 16777216 bytes")]
    [InlineData("*99999999999\r\n", "a length is not a number")]
    [InlineData("$1\r\nabc\r\n", "is not followed by CRLF")]
    [InlineData("\r\n", "an empty line")]
    [InlineData("?\r\n", "began with byte 63")]
    public void ReadAsync_BeyondABound_SaysWhich(string bytes, string problem) => Assert.Contains(problem, Read(bytes).Problem, StringComparison.Ordinal);

    [Fact]
    public void ReadAsync_LineWithoutEnd_IsGivenUp() =>
        Assert.Contains("a line is longer", Read("+" + new string('x', 2 * RespConnection.LongestLine)).Problem, StringComparison.Ordinal);

    [Fact]
    public void ReadAsync_StringsTooLongTogether_AreGivenUp()
    {
        var third = $"${RespConnection.MostBytes / 3}\r\n{new string('x', RespConnection.MostBytes / 3)}\r\n";

        Assert.Contains("longer than 16777216 bytes", Read($"*4\r\n{third}{third}{third}{third}", long.MaxValue).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExecuteAsync_PeerNestsWithoutEnd_ThrowsAndTheProcessLives()
    {
        await using var peer = ScriptedPeer.Start(_ => string.Concat(Enumerable.Repeat("*1\r\n", 20_000)));
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(peer.Endpoint.Host, peer.Endpoint.Port, Token);

        await Assert.ThrowsAsync<IOException>(() => new RespConnection(client.GetStream()).ExecuteAsync(["PING"], Token));
    }

    private static (string[] Replies, string Problem) Read(string bytes, long mostAllocated = MostAllocated)
    {
        var (replies, problem) = Read(Encoding.ASCII.GetBytes(bytes), [], mostAllocated);
        return (replies.Split('\n', StringSplitOptions.RemoveEmptyEntries), problem);
    }

    // All replies until the connection ends, one way or the other; the stream never waits, so that all is done on this thread.
    private static (string Replies, string Problem) Read(byte[] bytes, IReadOnlyList<int> lengths, long mostAllocated = MostAllocated)
    {
        var replies = new List<RespReply>();
        var connection = new RespConnection(new Pieces(Pipelines.Cut(bytes, lengths)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = "";
        while (problem.Length == 0)
        {
            var reading = connection.ReadAsync(Token);
            Assert.True(reading.IsCompleted);
            if (reading.IsCompletedSuccessfully)
                replies.Add(reading.Result);
            else
                problem = Assert.IsAssignableFrom<IOException>(reading.Exception!.InnerException).Message;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, mostAllocated == long.MaxValue ? mostAllocated : mostAllocated + (1000L * bytes.Length));
        return (string.Join('\n', replies.Select(Show)), problem);
    }

    private static string Show(RespReply reply) =>
        reply.Items.Count > 0 ? $"[{string.Join(',', reply.Items.Select(Show))}]" : $"{(reply.IsError ? "!" : "")}{Convert.ToHexString(Encoding.UTF8.GetBytes(reply.Text ?? "null"))}";

    private sealed class Pieces(IEnumerable<byte[]> pieces) : MemoryStream
    {
        private readonly Queue<byte[]> _pieces = new(pieces);
        private int _position;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_pieces.TryPeek(out var piece))
                return new(0);
            var length = Math.Min(piece.Length - _position, buffer.Length);
            piece.AsSpan(_position, length).CopyTo(buffer.Span);
            _position += length;
            if (_position == piece.Length)
                (_, _position) = (_pieces.Dequeue(), 0);
            return new(length);
        }
    }
}
