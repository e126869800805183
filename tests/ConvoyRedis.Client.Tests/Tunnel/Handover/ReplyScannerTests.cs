using ConvoyRedis.Client.Tunnel.Handover;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

public sealed class ReplyScannerTests
{
    [Fact]
    public void Advance_AnyRepliesInAnyPieces_CountsThem() =>
        Prop.ForAll(Gen.ListOf(Pipelines.Reply).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var (replies, lengths) = pipeline;
            var scanner = new ReplyScanner();
            foreach (var piece in Pipelines.Cut(Pipelines.Join(replies), lengths))
                Assert.Equal(piece.Length, scanner.Advance(piece, long.MaxValue));

            Assert.Equal(replies.Count, scanner.Completed);
            Assert.False(scanner.IsLost);
        }).Holds();

    [Fact]
    public void Advance_AnyStop_StopsExactlyBehindThatReply() =>
        Prop.ForAll(Gen.ListOf(Pipelines.Reply).Zip(Gen.ListOf(Pipelines.Reply)).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var ((before, behind), lengths) = pipeline;
            var scanner = new ReplyScanner();
            var own = 0;
            foreach (var piece in Pipelines.Cut(Pipelines.Join([.. before, .. behind]), lengths))
            {
                var length = scanner.Advance(piece, before.Count);
                own += length;
                if (length < piece.Length)
                    break;
            }

            Assert.Equal(before.Sum(reply => reply.Length), own);
            Assert.Equal(before.Count, scanner.Completed);
        }).Holds();

    [Fact]
    public void Advance_PushesAmongReplies_AreNoReplies() =>
        Prop.ForAll(Gen.ListOf(Pipelines.Reply.Zip(Pipelines.Push)).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var (pairs, lengths) = pipeline;
            var scanner = new ReplyScanner();
            var bytes = Pipelines.Join(pairs.SelectMany(pair => (byte[][])[pair.Item1, pair.Item2]));
            foreach (var piece in Pipelines.Cut(bytes, lengths))
                Assert.Equal(piece.Length, scanner.Advance(piece, pairs.Count));

            Assert.Equal(pairs.Count, scanner.Completed);
        }).Holds();

    [Fact]
    public void Advance_NotResp_IsLost()
    {
        var scanner = new ReplyScanner();
        scanner.Advance("HTTP/1.1 400 Bad Request\r\n"u8, long.MaxValue);

        Assert.True(scanner.IsLost);
    }
}
