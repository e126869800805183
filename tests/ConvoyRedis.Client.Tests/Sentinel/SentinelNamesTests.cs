using ConvoyRedis.Client.Sentinel;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>Which names lead to several sentinels, and which are tried for one that is not reached otherwise.</summary>
public sealed class SentinelNamesTests
{
    private static readonly ConvoyRedisEndpoint One = new("one", 26379);
    private static readonly ConvoyRedisEndpoint Other = new("other", 26379);

    private readonly SentinelNames _names = new([One, Other]);

    [Theory]
    [InlineData("a", false)]
    [InlineData("a a a", false)]
    [InlineData("a b", false)]
    [InlineData("a b c", false)]
    [InlineData("a b a", true)]
    [InlineData("a b c b", true)]
    public void IsShared_NameLedTo_WhenOneCameBackAfterAnother(string ids, bool isShared)
    {
        foreach (var id in ids.Split(' '))
            _names.Note(One, id);

        Assert.Equal(isShared, _names.IsShared(One));
        Assert.False(_names.IsShared(Other));
    }

    [Fact]
    public void Next_NamesOfOneSentinelEach_AreTriedEightTimesEach()
    {
        var tried = Enumerable.Range(0, 100).Select(_ => _names.Next()).ToList();

        Assert.Equal(8, tried.Count(name => name == One));
        Assert.Equal(8, tried.Count(name => name == Other));
    }

    [Fact]
    public void Next_SharedName_IsTriedForEver()
    {
        foreach (var id in new[] { "a", "b", "a" })
            _names.Note(One, id);

        Assert.Equal(100 - 8, Enumerable.Range(0, 100).Select(_ => _names.Next()).Count(name => name == One));
    }

    [Fact]
    public void Note_IdNotSaidOrNameUnknown_IsIgnored()
    {
        foreach (var id in new[] { "a", null, "a" })
            _names.Note(One, id);
        foreach (var id in new[] { "a", "b", "a" })
            _names.Note(new("unknown", 26379), id);

        Assert.False(_names.IsShared(One));
        Assert.False(_names.IsShared(new("unknown", 26379)));
    }
}
