using Microsoft.Extensions.Options;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>Values that stand in files of their own.</summary>
public sealed class ValueFileTests
{
    [Theory]
    [InlineData("secret\n", "secret")]
    [InlineData("secret\r\n", "secret")]
    [InlineData("secret\n\n", "secret\n")]
    [InlineData("\tsecret ", "\tsecret ")]
    public void Load_PasswordFile_DropsOneNewlineAtTheEnd(string content, string expected)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("secret", content);

        Assert.Equal(expected, Loading.Environment(("CONVOY_REDIS_PASSWORD_FILE", path)).Resolve().Password);
        Assert.Equal(expected, Loading.Environment(("CONVOY_REDIS_SENTINEL_PASSWORD_FILE", path)).SentinelPassword);
        Assert.Equal(expected, Loading.Load($$"""{ "redis": { "password_file": "{{path}}" } }""").Password);
    }

    [Theory]
    [InlineData("CONVOY_REDIS_PASSWORD")]
    [InlineData("CONVOY_REDIS_SENTINEL_PASSWORD")]
    [InlineData("CONVOY_REDIS_USERNAME")]
    [InlineData("CONVOY_REDIS_SENTINEL_USERNAME")]
    public void Load_ValueAndItsFile_IsAProblem(string variable)
    {
        var problem = Problem(Loading.Environment((variable, "x"), (variable + "_FILE", "/run/secrets/redis")));

        Assert.Contains(variable + "_FILE", problem, StringComparison.Ordinal);
        Assert.Contains($"{variable} is set as well", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EmptyVariableBesideTheFile_IsNotSet()
    {
        using var directory = new TemporaryDirectory();
        var options = Loading.Load(
            """{ "redis": { "password": "file" } }""",
            new Dictionary<string, string?> { ["CONVOY_REDIS_PASSWORD"] = "", ["CONVOY_REDIS_PASSWORD_FILE"] = directory.Write("secret", "secret") });

        Assert.Equal("secret", options.Resolve().Password);
        Assert.Empty(options.Resolve().Warnings);
    }

    [Fact]
    public void Load_FileMissing_NamesVariableAndPath() =>
        Assert.Equal("CONVOY_REDIS_PASSWORD_FILE (environment): the file '/there/is/no/secret' cannot be read: it does not exist.",
            Problem(Loading.Environment(("CONVOY_REDIS_PASSWORD_FILE", "/there/is/no/secret"))));

    [Theory]
    [InlineData(new byte[] { (byte)'a', 0xFF, (byte)'b' }, "is not UTF-8.")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "is not UTF-8.")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'a' }, "begins with a byte order mark; save it as UTF-8 without one.")]
    [InlineData(new byte[] { }, "is empty.")]
    [InlineData(new[] { (byte)'\r', (byte)'\n' }, "is empty.")]
    public void Load_FileWithoutAPassword_IsAProblem(byte[] content, string expected)
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "secret");
        File.WriteAllBytes(path, content);

        foreach (var variable in (string[])["CONVOY_REDIS_PASSWORD_FILE", "CONVOY_REDIS_SENTINEL_PASSWORD_FILE"])
            Assert.Equal($"{variable} (environment): the file '{path}' {expected}", Problem(Loading.Environment((variable, path))));
    }

    private static string Problem(ConvoyRedisOptions options) =>
        Assert.Single(Assert.Throws<OptionsValidationException>(options.Resolve).Failures, failure => !failure.StartsWith("Warning: ", StringComparison.Ordinal));
}
