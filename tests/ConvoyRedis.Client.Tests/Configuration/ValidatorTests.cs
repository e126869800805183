using ConvoyRedis.Client.Configuration;

namespace ConvoyRedis.Client.Tests.Configuration;

/// <summary>What is examined when the host starts: the settings, and that their files exist.</summary>
public sealed class ValidatorTests
{
    [Fact]
    public void Validate_RightAndWrong_SucceedsOrNamesTheProblem()
    {
        var validator = new ConvoyRedisOptionsValidator();

        Assert.True(validator.Validate(null, new ConvoyRedisOptions()).Succeeded);
        Assert.Equal(["Port (code): '0' is not a port number between 1 and 65535."], validator.Validate(null, new ConvoyRedisOptions { Port = 0 }).Failures!);
    }

    [Fact]
    public void Validate_MissingFile_IsAProblemThatResolveDoesNotSee()
    {
        var options = Loading.Environment(("CONVOY_REDIS_TLS_CA_CERT_FILE", "/there/is/no/ca.pem"));

        Assert.True(options.Resolve().Tls);
        Assert.Equal(["CONVOY_REDIS_TLS_CA_CERT_FILE (environment): the file '/there/is/no/ca.pem' does not exist."], Failures(options));
    }

    [Fact]
    public void Validate_EveryFileThatIsMissing_IsNamed()
    {
        var files = Settings.All.Where(setting => setting.IsFile).ToList();
        var options = Loading.Environment(
            [("CONVOY_REDIS_CLUSTER_ADDRESSES", "redis-sentinel://s?master=m"), .. files.Select(setting => (setting.Variable, $"/none/{setting.Key}"))]);

        Assert.Equal(files.Select(setting => $"{setting.Variable} (environment): the file '/none/{setting.Key}' does not exist."), Failures(options));
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", false)]
    public void Validate_MissingFileInAUrl_IsNamedWhereItHasAnEffect(string skipVerify, bool isNamed)
    {
        var options = Loading.Environment(
            ("CONVOY_REDIS_CLUSTER_ADDRESSES", "rediss://h?tls_ca_cert_file=/none"), ("CONVOY_REDIS_TLS_SKIP_VERIFY", skipVerify));

        Assert.Equal(
            isNamed ? ["tls_ca_cert_file in CONVOY_REDIS_CLUSTER_ADDRESSES (environment): the file '/none' does not exist."] : [], Failures(options));
    }

    private static IEnumerable<string> Failures(ConvoyRedisOptions options) => new ConvoyRedisOptionsValidator().Validate(null, options).Failures ?? [];
}
