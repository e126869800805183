using ConvoyRedis.Client.Configuration;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Configuration;

public sealed class GoTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("15s", 15_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData(".5s", 500)]
    [InlineData("250ms", 250)]
    [InlineData("1500us", 1.5)]
    [InlineData("1500µs", 1.5)]
    [InlineData("", null)]
    [InlineData("15", null)]
    [InlineData("-1s", null)]
    [InlineData("1 s", null)]
    [InlineData("s", null)]
    [InlineData("1d", null)]
    [InlineData("1.2.3s", null)]
    [InlineData("99999999999999h", null)]
    public void Duration_Text_IsReadAsGoReadsIt(string text, object? milliseconds) =>
        Assert.Equal(milliseconds is null ? null : Convert.ToDouble(milliseconds, null), GoText.Duration(text)?.TotalMilliseconds);

    [Fact]
    public void Duration_AnyWritten_IsReadBack() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), milliseconds =>
        {
            var duration = TimeSpan.FromMilliseconds(milliseconds);
            return GoText.Duration(GoText.Write(duration)) == duration;
        }).Holds();

    [Theory]
    [InlineData("true", true)]
    [InlineData("T", true)]
    [InlineData("1", true)]
    [InlineData("False", false)]
    [InlineData("0", false)]
    [InlineData("yes", null)]
    [InlineData("tRUE", null)]
    [InlineData("", null)]
    public void Boolean_Text_IsReadAsGoReadsIt(string text, bool? expected) => Assert.Equal(expected, GoText.Boolean(text));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("+6379", 6379)]
    [InlineData("-1", -1)]
    [InlineData("010", 8)]
    [InlineData("0o17", 15)]
    [InlineData("0X18eB", 6379)]
    [InlineData("0b101", 5)]
    [InlineData("6_379", 6379)]
    [InlineData("0x_18eb", 6379)]
    [InlineData("0_10", 8)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("2147483648", null)]
    [InlineData("08", null)]
    [InlineData("0x", null)]
    [InlineData("_1", null)]
    [InlineData("1_", null)]
    [InlineData("1__0", null)]
    [InlineData("1e3", null)]
    [InlineData(" 1", null)]
    [InlineData("+", null)]
    [InlineData("", null)]
    public void Integer_Text_IsReadAsGoReadsIt(string text, int? expected) => Assert.Equal(expected, GoText.Integer(text));
}
