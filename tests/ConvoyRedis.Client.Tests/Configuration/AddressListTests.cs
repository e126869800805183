using ConvoyRedis.Client.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace ConvoyRedis.Client.Tests.Configuration;

public sealed class AddressListTests
{
    [Theory]
    [InlineData("a", "a:6379")]
    [InlineData("a:1, b ,,c:65535,", "a:1", "b:6379", "c:65535")]
    [InlineData("::1,2001:DB8::7", "[::1]:6379", "[2001:DB8::7]:6379")]
    [InlineData("::1:6379")]
    [InlineData("a,A,a.,A:6379,a.:1", "a:6379", "a.:1")]
    [InlineData("[::1],::1,[0:0:0:0:0:0:0:1],[::1]:6379", "[::1]:6379")]
    [InlineData("redis.example.com.", "redis.example.com.:6379")]
    [InlineData(".")]
    [InlineData("[::1],[fe80::1%eth0]:7", "[::1]:6379", "[fe80::1%eth0]:7")]
    [InlineData("fe80::1%eth0", "[fe80::1%eth0]:6379")]
    [InlineData("redis_1.my-net,10.0.0.1:7", "redis_1.my-net:6379", "10.0.0.1:7")]
    [InlineData("a,a:6379,a:1", "a:6379", "a:1")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a:")]
    [InlineData("a:-1")]
    [InlineData("a:1:2")]
    [InlineData("a b")]
    [InlineData("[::1")]
    [InlineData("[a]:1")]
    public void Parse_Text_GivesEndpointsOrAProblem(string text, params string[] expected)
    {
        var problems = new List<string>();

        var endpoints = AddressList.Parse(text, 6379, problems.Add);

        Assert.Equal(expected, endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(expected.Length == 0, problems.Count > 0);
    }

    [Fact]
    public void Parse_SeveralWrongItems_TellsEachAndKeepsTheOthers()
    {
        var problems = new List<string>();

        var endpoints = AddressList.Parse("a:x,b:2,c d", 6379, problems.Add);

        Assert.Equal(["b:2"], endpoints.Select(endpoint => endpoint.ToString()));
        Assert.Equal(2, problems.Count);
        Assert.Contains("'a:x'", problems[0], StringComparison.Ordinal);
        Assert.Contains("'c d'", problems[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A=x,a.:6379=y")]
    [InlineData("[::1]=x,[0:0::1]:6379=y")]
    public void ParseMap_OneAddressInTwoSpellings_IsMappedTwice(string text)
    {
        var problems = new List<string>();

        AddressList.ParseMap(text, 6379, problems.Add);

        Assert.EndsWith(" is mapped twice.", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_AnyWrittenList_GivesBackWhatWasWritten() =>
        Prop.ForAll(WrittenLists().ToArbitrary(), list =>
        {
            var (endpoints, text) = list;
            var problems = new List<string>();
            return AddressList.Parse(text, 6379, problems.Add).SequenceEqual(endpoints.Distinct()) && problems.Count == 0;
        }).Holds();

    [Fact]
    public void Parse_AnyText_NeverThrowsAndTellsWhatItDrops() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            var problems = new List<string>();
            var endpoints = AddressList.Parse(text.Get, 6379, problems.Add);
            var items = text.Get.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return items.Length == 0 || endpoints.Count > 0 || problems.Count > 0;
        }).Holds();

    // Endpoints, and a list of them with blanks and empty items strewn in, the default port sometimes left out.
    private static Gen<(IReadOnlyList<ConvoyRedisEndpoint> Endpoints, string Text)> WrittenLists()
    {
        var endpoint =
            from host in Gen.Elements("a", "redis-1.example.com", "10.1.2.3", "::1", "2001:db8::7", "my_redis", "ü.example")
            from port in Gen.Choose(1, 65535).Or(Gen.Constant(6379))
            select new ConvoyRedisEndpoint(host, port);
        var item =
            from own in endpoint
            from blanks in Gen.Elements("", " ", "\t", " , ,")
            from isPortWritten in Gen.Elements(true, false)
            let written = own.Port == 6379 && !isPortWritten ? own.ToString()[..own.ToString().LastIndexOf(':')] : own.ToString()
            select (own, blanks + written + blanks);
        return
            from items in Gen.NonEmptyListOf(item)
            select ((IReadOnlyList<ConvoyRedisEndpoint>)[.. items.Select(one => one.own)], string.Join(',', items.Select(one => one.Item2)));
    }
}
