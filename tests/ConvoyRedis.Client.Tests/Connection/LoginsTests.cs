using ConvoyRedis.Client.Connection;

namespace ConvoyRedis.Client.Tests.Connection;

public sealed class LoginsTests
{
    [Fact]
    public void Shown_AfterChanges_HasNoneOfAllPasswords()
    {
        var logins = new Logins(null, "first");
        logins.Change(new Logins.Login(null, "second"));
        logins.Change(new Logins.Login(null, "third"));

        Assert.Equal("ERR *** *** ***", logins.Shown("ERR first second third"));
    }

    [Fact]
    public void Shown_OfRememberedLogins_HasNoneOfTheirPasswords()
    {
        var logins = new Logins(null, "second");
        logins.Remember(new Logins(null, "first"));

        Assert.Equal("ERR *** ***", logins.Shown("ERR first second"));
        Assert.Equal("second", Assert.Single(logins.All).Password);
    }
}
