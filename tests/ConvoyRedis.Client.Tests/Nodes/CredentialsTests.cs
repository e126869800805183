using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tests.Nodes;

public sealed class CredentialsTests
{
    [Fact]
    public void Shown_AfterChanges_HasNoneOfAllPasswords()
    {
        var credentials = new Credentials(null, "first");
        credentials.Change(new Credentials.Login(null, "second"));
        credentials.Change(new Credentials.Login(null, "third"));

        Assert.Equal("ERR *** *** ***", credentials.Shown("ERR first second third"));
    }

    [Fact]
    public void Shown_OfRememberedLogins_HasNoneOfTheirPasswords()
    {
        var credentials = new Credentials(null, "second");
        credentials.Remember(new Credentials(null, "first"));

        Assert.Equal("ERR *** ***", credentials.Shown("ERR first second"));
        Assert.Equal("second", Assert.Single(credentials.All).Password);
    }
}
