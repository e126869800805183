using System.Xml.Linq;

namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>From a terminal's output to a picture.</summary>
public sealed class CapturePictureTests
{
    private const string Prompt = "$ convoy-redis x\r\n";

    [Fact]
    public void Grid_CursorMovedUp_HasWhatWasWrittenLast()
    {
        var grid = TerminalGrid.Of("\x1b[?25lone\r\ntwo\r\n\x1b[2A\x1b[2K\x1b[1mthree\x1b[0m\r\n\x1b[?25h", 10);

        Assert.Equal(["three     ", "two       "], grid.Rows.Select(row => string.Concat(row.Select(cell => cell.Character))));
        Assert.Equal((true, false), (grid.Rows[0][0].IsBold, grid.Rows[1][0].IsBold));
    }

    [Fact]
    public void Grid_LineAsWideAsTheTerminal_IsOneRow() =>
        Assert.Equal(["12345", "6    "], TerminalGrid.Of("12345\r\n6", 5).Rows.Select(row => string.Concat(row.Select(cell => cell.Character))));

    [Theory]
    [InlineData("\x1b[3C")]
    [InlineData("\x1b[7m")]
    [InlineData("\t")]
    public void Grid_WhatItDoesNotKnow_IsRefused(string output) => Assert.Throws<InvalidDataException>(() => TerminalGrid.Of(output, 10));

    [Fact]
    public void Picture_Text_IsWhereItsColumnsAre()
    {
        var picture = XDocument.Parse(CapturePicture.Draw(TerminalGrid.Of($"{Prompt}ab  \x1b[1;38;5;9mc d\x1b[0m", 20), 20));

        var texts = picture.Descendants().Where(element => element.Name.LocalName == "text").Select(text =>
            (text.Value, text.Attribute("x")!.Value, text.Attribute("y")!.Value, text.Attribute("textLength")!.Value, text.Attribute("class")!.Value, text.Attribute("font-weight")?.Value));
        Assert.Equal(
            [("$ convoy-redis x", "9", "45", "144", "text", null), ("ab", "9", "65", "18", "text", null), ("c d", "45", "65", "27", "red", "bold")], texts);
    }

    [Fact]
    public void Picture_FrameAndBars_AreDrawn()
    {
        var picture = XDocument.Parse(CapturePicture.Draw(TerminalGrid.Of($"{Prompt}╭──╮\r\n│\x1b[32m▄█\x1b[0m│\r\n╰──╯", 20), 20)).Root!;

        Assert.Single(picture.Elements(), element => element.Name.LocalName == "text");
        Assert.Equal(["9", "18"], picture.Elements().Where(element => element.Attribute("class")?.Value == "green").Select(bar => bar.Attribute("height")!.Value));
        Assert.Contains("M18 60h18", picture.Elements().Single(element => element.Name.LocalName == "path").Attribute("d")!.Value, StringComparison.Ordinal);
    }

    // Bright yellow on white, and its like.
    [Theory]
    [InlineData("\x1b[38;5;11m")]
    [InlineData("\x1b[96m")]
    public void Picture_ColourThatCannotBeReadOnLight_IsRefused(string colour) =>
        Assert.Throws<InvalidDataException>(() => CapturePicture.Draw(TerminalGrid.Of($"{Prompt}{colour}x", 20), 20));
}
