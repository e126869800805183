using ConvoyRedis.Client.Diagnostics;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Diagnostics;

public sealed class ServerTextTests
{
    /// <summary>Letters that stand in passwords alone.</summary>
    private const string Telling = "ЖЩЮЯ\t";

    [Fact]
    public void Shown_UnknownCommand_HasNoArguments() => Assert.Equal(
        "ERR unknown command 'AUTH'", ServerText.Shown("ERR unknown command 'AUTH', with args beginning with: 'hunter2' "));

    [Fact]
    public void Shown_SecretsInTheText_AreMasked() => Assert.Equal(
        "ERR *** is not *** but ***", ServerText.Shown("ERR one two is not 'x' but one two", "one two", "'x'", null, ""));

    [Fact]
    public void Shown_PartOfALongSecret_IsMasked() =>
        Assert.Equal("ERR at '***'", ServerText.Shown("ERR at '3456789012'", "012345678901234567890"));

    [Fact]
    public void Shown_ControlAndFormatCharacters_AreSpaces() =>
        Assert.Equal("ERR  [31m two  lines ", ServerText.Shown("ERR \u001b[31m two\r\nlines\u202e"));

    [Fact]
    public void Shown_LongText_IsCut() => Assert.Equal(ServerText.Longest, ServerText.Shown(new string('x', 100_000)).Length);

    [Fact]
    public void Shown_AnySecretAnywhere_IsNeverShown() => Prop.ForAll(
        Gen.ArrayOf(Gen.Elements((Telling + " abc':").ToCharArray())).Two().Select(pair => (new string(pair.Item1), new string(pair.Item2))).ToArbitrary(),
        texts =>
        {
            var (secret, around) = (texts.Item1 + Telling, texts.Item2);
            var shown = ServerText.Shown($"{around}{secret}{around} {secret}\r\n{secret}", secret);
            Assert.DoesNotContain(secret.Replace('\t', ' '), shown, StringComparison.Ordinal);
        }).Holds();

    [Theory]
    [InlineData("NOPERM this user has no permissions", "NOPERM")]
    [InlineData("hunter2 is wrong", "an error")]
    [InlineData("", "an error")]
    public void Code_OfAnError_IsItsFirstWordIfThatIsACode(string error, string code) => Assert.Equal(code, ServerText.Code(error));
}
