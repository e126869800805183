using ConvoyRedis.Client.Tunnel.Handover;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

/// <summary>Whatever comes, the scanners throw nothing, hold next to nothing, and see the same in pieces as at once.</summary>
public sealed class ScannerFuzzTests
{
    private static readonly int[][] Cuts = [[], [1], [2, 3], [1, 7, 100], [4096]];

    // A script that is begun has a buffer of its length.
    private const long MostAllocated = 2 * LoadedScripts.MostBytes;

    [Fact]
    public void ReplyScanner_AnyBytesInAnyPieces_SeesTheSameAsAtOnce() =>
        Prop.ForAll(NastyInputs.After(Pipelines.Reply).Zip(Pipelines.Lengths).ToArbitrary(), input =>
            Assert.Equal(Replies(input.Item1, []), Replies(input.Item1, input.Item2))).Holds(2000);

    [Fact]
    public void CommandScanner_AnyBytesInAnyPieces_SeesTheSameAsAtOnce() =>
        Prop.ForAll(NastyInputs.After(Gen.OneOf(Pipelines.Command, SessionCommand)).Zip(Pipelines.Lengths).ToArbitrary(), input =>
            Assert.Equal(Commands(input.Item1, []), Commands(input.Item1, input.Item2))).Holds(2000);

    [Fact]
    public void ReplyScanner_Corpus_SeesTheSameInPiecesAndAllocatesNextToNothing() => Assert.All(NastyInputs.Corpus, input =>
        Assert.All(Cuts, cut => Assert.Equal(Replies(input, []), Replies(input, cut))));

    [Fact]
    public void CommandScanner_Corpus_SeesTheSameInPiecesAndAllocatesNextToNothing() => Assert.All(NastyInputs.Corpus, input =>
        Assert.All(Cuts, cut => Assert.Equal(Commands(input, []), Commands(input, cut))));

    [Fact]
    public void ReplyScanner_DeeperThanTheBound_IsLost()
    {
        Assert.False(Replies(Pipelines.Join(Enumerable.Repeat("*1\r\n"u8.ToArray(), ReplyScanner.MostDepth)), []).IsLost);
        Assert.True(Replies(Pipelines.Join(Enumerable.Repeat("*1\r\n"u8.ToArray(), ReplyScanner.MostDepth + 1)), []).IsLost);
    }

    [Fact]
    public void CommandScanner_ThousandsOfArguments_KeepsFew()
    {
        var (_, isAtRest, replay, unfit) = Commands(Pipelines.Encode(["CLIENT", "SETNAME", .. Enumerable.Repeat("x", 20_000)]), [3]);

        Assert.True(isAtRest);
        Assert.Equal(4, replay.Split(' ').Length);
        Assert.Null(unfit);
    }

    private static FsCheck.Gen<byte[]> SessionCommand { get; } =
        Gen.Elements("SELECT 3", "SCRIPT LOAD return1", "HELLO 3", "MULTI", "EXEC", "WATCH a b", "CLIENT SETINFO lib-name x", "RESET")
            .Select(command => Pipelines.Encode(command.Split(' ')));

    private static (long Completed, bool IsLost) Replies(byte[] bytes, IReadOnlyList<int> lengths)
    {
        var pieces = Pipelines.Cut(bytes, lengths).ToList();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var scanner = new ReplyScanner();
        var followed = 0;
        foreach (var piece in pieces)
            followed += scanner.Advance(piece, long.MaxValue);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        Assert.Equal(bytes.Length, followed);
        return (scanner.Completed, scanner.IsLost);
    }

    // What is accepted by the server, if that accepts every second command.
    private static (long Completed, bool IsAtRest, string Replay, string? Unfit) Commands(byte[] bytes, IReadOnlyList<int> lengths)
    {
        var pieces = Pipelines.Cut(bytes, lengths).ToList();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var scanner = new CommandScanner(new SessionState(new LoadedScripts()));
        var followed = 0;
        foreach (var piece in pieces)
            followed += scanner.Advance(piece, stopAtRest: false);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        Assert.Equal(bytes.Length, followed);
        while (scanner.Session.NextAnswer < scanner.Completed)
            scanner.Session.Answered(isError: scanner.Session.NextAnswer % 2 == 1);
        var replay = string.Join('|', scanner.Session.Replay.Select(command => string.Join(' ', command.Select(Convert.ToHexString))));
        return (scanner.Completed, scanner.IsAtRest, replay, scanner.Session.Unfit);
    }
}
