using ConvoyRedis.Client.Connection;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Which logins are tried, in which order; and that none of them shows its password.</summary>
public sealed class LoginsTests
{
    [Fact]
    public void Change_AnotherLogin_IsTriedFirstAndTheFormerOneBehindIt()
    {
        var logins = new Logins("app", "one");

        Assert.False(logins.Change(new("app", "one")));
        Assert.True(logins.Change(new("app", "two")));
        Assert.Equal(["two", "one"], logins.All.Select(login => login.Password));
        Assert.True(logins.Change(new(null, "three")));
        Assert.Equal(["three", "two"], logins.All.Select(login => login.Password));
    }

    [Fact]
    public void Command_UserAndPassword_AreWhatAuthTakes()
    {
        Assert.Equal(["AUTH", "app", "one"], new Logins.Login("app", "one").Command!);
        Assert.Equal(["AUTH", "app", ""], new Logins.Login("app", null).Command!);
        Assert.Equal(["AUTH", "one"], new Logins.Login(null, "one").Command!);
        Assert.Null(new Logins.Login(null, null).Command);
    }

    [Fact]
    public void ToString_NeverShowsThePassword()
    {
        Assert.Equal("app", new Logins.Login("app", "s3cr3t").ToString());
        Assert.Equal("default user until 2030-01-01T00:00:00.0000000+00:00",
            new ConvoyRedisCredential(null, "s3cr3t", new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToString());
    }
}
