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

    // As in go-redis.
    [Theory]
    [InlineData("user", null, null)]
    [InlineData(null, null, null)]
    [InlineData(null, "secret", "AUTH secret")]
    [InlineData("user", "secret", "AUTH user secret")]
    public void Login_WithoutAPassword_IsNone(string? username, string? password, string? command) =>
        Assert.Equal(command, new Credentials.Login(username, password).Command is { } words ? string.Join(' ', words) : null);
}
