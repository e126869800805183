using System.Text;
using ConvoyRedis.Client.Tunnel.Handover;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

public sealed class CommandScannerTests
{
    [Fact]
    public void Advance_AnyCommandsInAnyPieces_CountsThemAndEndsAtRest() =>
        Prop.ForAll(Gen.ListOf(Pipelines.Command).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var (commands, lengths) = pipeline;
            var scanner = NewScanner();
            foreach (var piece in Pipelines.Cut(Pipelines.Join(commands), lengths))
                Assert.Equal(piece.Length, scanner.Advance(piece, stopAtRest: false));

            Assert.Equal(commands.Count, scanner.Completed);
            Assert.True(scanner.IsAtRest);
            Assert.Null(scanner.Session.Unfit);
        }).Holds();

    [Fact]
    public void Advance_StopAtRest_StopsBehindEachCommand() =>
        Prop.ForAll(Gen.NonEmptyListOf(Pipelines.Command).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var (commands, lengths) = pipeline;
            var scanner = NewScanner();
            var (position, ends) = (0, new List<int>());
            foreach (var piece in Pipelines.Cut(Pipelines.Join(commands), lengths))
            {
                for (var rest = piece.AsSpan(); rest.Length > 0;)
                {
                    var length = scanner.Advance(rest, stopAtRest: true);
                    position += length;
                    rest = rest[length..];
                    if (scanner.IsAtRest)
                        ends.Add(position);
                }
            }

            var expected = commands.Select((_, index) => commands.Take(index + 1).Sum(command => command.Length));
            Assert.Equal(expected, ends);
        }).Holds();

    [Fact]
    public void Advance_AnyTransactionInAnyPieces_IsNotAtRestBeforeItsEnd() =>
        Prop.ForAll(Gen.ListOf(Pipelines.Command).Zip(Pipelines.Lengths).ToArbitrary(), pipeline =>
        {
            var (commands, lengths) = pipeline;
            byte[] transaction = [.. Pipelines.Encode("WATCH", "k"), .. Pipelines.Encode("multi"), .. Pipelines.Join(commands), .. Pipelines.Encode("EXEC")];
            var scanner = NewScanner();
            var position = 0;
            foreach (var piece in Pipelines.Cut([.. transaction, .. Pipelines.Encode("GET", "k")], lengths))
            {
                for (var rest = piece.AsSpan(); rest.Length > 0;)
                {
                    var length = scanner.Advance(rest, stopAtRest: true);
                    position += length;
                    rest = rest[length..];
                    Assert.False(scanner.IsAtRest && position < transaction.Length);
                }
            }

            Assert.True(scanner.IsAtRest);
            Assert.Equal(commands.Count + 4, scanner.Completed);
        }).Holds();

    [Theory]
    [InlineData("WATCH k|GET k|UNWATCH", true)]
    [InlineData("WATCH k", false)]
    [InlineData("MULTI|SET k v|DISCARD", true)]
    [InlineData("MULTI|UNWATCH", false)]
    [InlineData("WATCH k|MULTI|UNWATCH|EXEC", true)]
    public void Advance_Transaction_EndsWithWhatEndsIt(string commands, bool isAtRest)
    {
        var scanner = Scan(commands);

        Assert.Equal(isAtRest, scanner.IsAtRest);
    }

    [Fact]
    public void Session_WhatLasts_IsReplayedOnceProtocolFirst()
    {
        var scanner = Scan("CLIENT SETNAME old|SELECT 1|hello 2|CLIENT SETINFO lib-name a|client setinfo lib-ver b|CLIENT ID|SELECT 7|CLIENT SETNAME new"
            + "|SCRIPT LOAD return1|SCRIPT LOAD return1|SCRIPT EXISTS x|SCRIPT LOAD return2");

        Assert.Equal(
            ["hello 2", "CLIENT SETINFO lib-name a", "client setinfo lib-ver b", "CLIENT SETNAME new", "SELECT 7", "SCRIPT LOAD return1", "SCRIPT LOAD return2"],
            scanner.Session.Replay.Select(command => string.Join(' ', command.Select(Encoding.ASCII.GetString))));
        Assert.Null(scanner.Session.Unfit);
    }

    [Fact]
    public void Session_ScriptFlush_ForgetsScripts() => Assert.Empty(Scan("SCRIPT LOAD return1|SCRIPT FLUSH").Session.Replay);

    [Fact]
    public void Session_BinaryScriptInAnyPieces_IsKeptByteForByte() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255).Select(number => (byte)number)).Zip(Pipelines.Lengths).ToArbitrary(), load =>
        {
            var (script, lengths) = load;
            var scanner = NewScanner();
            foreach (var piece in Pipelines.Cut(Pipelines.Encode("SCRIPT"u8.ToArray(), "LOAD"u8.ToArray(), script), lengths))
                scanner.Advance(piece, stopAtRest: false);
            scanner.Session.Answered(isError: false);

            Assert.Equal(script, Assert.Single(scanner.Session.Replay)[2]);
        }).Holds();

    [Theory]
    [InlineData("SUBSCRIBE c")]
    [InlineData("psubscribe c*")]
    [InlineData("MONITOR")]
    [InlineData("CLIENT TRACKING on")]
    [InlineData("CLIENT REPLY off")]
    [InlineData("CLIENT NO-EVICT on")]
    [InlineData("HELLO 3 AUTH u p")]
    [InlineData("AUTH p")]
    [InlineData("RESET")]
    [InlineData("READONLY")]
    [InlineData("MULTI|SELECT 1|EXEC")]
    public void Session_StateThatCannotBeMadeAgain_IsUnfit(string commands) => Assert.NotNull(Scan(commands).Session.Unfit);

    [Fact]
    public void Session_NotInArrays_IsUnfit()
    {
        var scanner = NewScanner();
        scanner.Advance("PING\r\n"u8, stopAtRest: false);

        Assert.NotNull(scanner.Session.Unfit);
    }

    [Fact]
    public void Session_ScriptTooLong_IsUnfitAndNotKept()
    {
        var scanner = NewScanner();
        scanner.Advance(Pipelines.Encode("SCRIPT", "LOAD", new string('x', LoadedScripts.MostBytes + 1)), stopAtRest: false);

        Assert.NotNull(scanner.Session.Unfit);
        Assert.Empty(scanner.Session.Replay);
        Assert.True(scanner.IsAtRest);
    }

    [Theory]
    [InlineData("SCRIPT LOAD return1")]
    [InlineData("SELECT 99")]
    [InlineData("HELLO 3")]
    [InlineData("CLIENT SETINFO lib-name a")]
    public void Session_RefusedByTheServer_IsNotReplayed(string command)
    {
        var scanner = NewScanner();
        scanner.Advance(Pipelines.Encode(command.Split(' ')), stopAtRest: false);

        scanner.Session.Answered(isError: true);

        Assert.Empty(scanner.Session.Replay);
        Assert.Null(scanner.Session.Unfit);
    }

    [Theory]
    [InlineData("SCRIPT LOAD return1", true)]
    [InlineData("SELECT 7", true)]
    [InlineData("SELECT 0", false)]
    [InlineData("HELLO 3", true)]
    [InlineData("HELLO 2", false)]
    [InlineData("CLIENT SETNAME a", false)]
    [InlineData("CLIENT SETINFO lib-name a", false)]
    public void IsNeeded_Command_TellsWhetherTheSessionDiffersWithoutIt(string command, bool isNeeded) =>
        Assert.Equal(isNeeded, SessionState.IsNeeded(Assert.Single(Scan(command).Session.Replay)));

    [Theory]
    [InlineData("SELECT 3|MULTI|EVAL x 0|SELECT 3|EXEC")]
    [InlineData("MULTI|EVAL x 0|SELECT 0|EXEC")]
    public void Session_TransactionSelectsItsOwnDatabase_CanBeMoved(string commands) => Assert.Null(Scan(commands).Session.Unfit);

    // With each command's answer.
    private static CommandScanner Scan(string commands)
    {
        var scanner = NewScanner();
        foreach (var command in commands.Split('|'))
            scanner.Advance(Pipelines.Encode(command.Split(' ')), stopAtRest: false);
        while (scanner.Session.NextAnswer < scanner.Completed)
            scanner.Session.Answered(isError: false);
        return scanner;
    }

    private static CommandScanner NewScanner() => new(new SessionState(new LoadedScripts()));
}
