using FsCheck;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Configuration;

public sealed class UriTextTests
{
    [Fact]
    public void Parse_EveryPart_IsUnderstood()
    {
        var target = ConvoyRedisOptions.Parse("redis-sentinel://us%40er:p%3A%2F@s1:1,s2,[::1]:3/4?master=my%20master&sentinel_password=x&tls=true")
            .Resolve();

        Assert.Equal(["s1:1", "s2:26379", "[::1]:3"], target.Endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(("us@er", "p:/", 4, "my master", "x", true),
            (target.Username, target.Password, target.Database, target.MasterName, target.SentinelPassword, target.Tls));
    }

    [Theory]
    [InlineData("http://h")]
    [InlineData("h:6379")]
    [InlineData("redis://")]
    [InlineData("redis://h,")]
    [InlineData("redis://h:x")]
    [InlineData("redis://:p@ss@h")]
    [InlineData("redis://:p/ss@h")]
    [InlineData("redis://:p%zz@h")]
    [InlineData("redis://h/0/1")]
    [InlineData("redis://h#f")]
    [InlineData("redis://h?unknown=1")]
    [InlineData("redis://h?database")]
    [InlineData("redis://h/1?database=2")]
    [InlineData("redis://h?host=other")]
    public void Parse_Wrong_Throws(string uri) => Assert.Throws<FormatException>(() => ConvoyRedisOptions.Parse(uri));

    [Fact]
    public void Parse_AnyEncodedParts_GivesThemBack() =>
        Prop.ForAll<NonEmptyString, NonEmptyString, NonEmptyString>((user, password, master) =>
        {
            // A lone surrogate has no encoding in UTF-8, and a master's name stands on a line of sentinel.conf between blanks.
            if (!IsText(user.Get + password.Get + master.Get) || master.Get.Trim() != master.Get)
                return true;
            var target = ConvoyRedisOptions.Parse($"redis-sentinel://{Uri.EscapeDataString(user.Get)}:{Uri.EscapeDataString(password.Get)}@s"
                + $"?master={Uri.EscapeDataString(master.Get)}").Resolve();
            return (target.Username, target.Password, target.MasterName) == (user.Get, password.Get, master.Get);
        }).Holds();

    [Fact]
    public void Parse_AnyText_ThrowsNothingButFormatException() =>
        Prop.ForAll<NonNull<string>, bool>((text, isUrl) =>
        {
            try
            {
                ConvoyRedisOptions.Parse(isUrl ? "redis://" + text.Get : text.Get);
            }
            catch (FormatException)
            {
                // That is what it is for.
            }
        }).Holds();

    private static bool IsText(string text) => text.EnumerateRunes().All(rune => rune.Value != 0xFFFD);
}
