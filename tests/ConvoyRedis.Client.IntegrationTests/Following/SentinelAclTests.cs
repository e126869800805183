using System.Globalization;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Following;

/// <summary>Users of the sentinels who may do little: the master is followed, and the ACL LOG stays short.</summary>
public sealed class SentinelAclTests
{
    /// <summary>What Redis's documentation gives to clients of Sentinel.</summary>
    private const string Documented =
        "-@all +auth +client|getname +client|id +client|setname +command +hello +ping +role +sentinel|get-master-addr-by-name +sentinel|master "
        + "+sentinel|myid +sentinel|replicas +sentinel|sentinels +sentinel|masters";

    private const string AddressAlone = "-@all +auth +sentinel|get-master-addr-by-name";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Documented, "SENTINEL CKQUORUM", "INFO")]
    [InlineData(AddressAlone, "SENTINEL MASTER", "SENTINEL SENTINELS")]
    public async Task Failover_UserMayDoLittle_IsFollowedByPollingWithFewRefusals(string rules, params string[] told)
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        foreach (var sentinel in topology.Sentinels)
            Assert.Equal("OK", (await sentinel.ExecuteAsync(["ACL", "SETUSER", "reader", "on", ">s3cret", "&*", .. rules.Split(' ')], Token)).Text);
        var options = topology.Options();
        (options.SentinelUsername, options.SentinelPassword) = ("reader", "s3cret");
        var logs = new FakeLogCollector();
        using var factory = new LoggerFactory([new FakeLoggerProvider(logs)]);
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, factory, Token);
        var database = (await connection.GetMultiplexerAsync(Token)).GetDatabase();
        await using var observer = await PromotionObserver.StartAsync(topology, Token);

        await Task.Delay(TimeSpan.FromSeconds(5), Token);
        await (await topology.GetMasterAsync(Token)).KillAsync();
        var promotion = await observer.WaitForPromotionAsync(Token);
        await database.StringSetAsync("key", "value");

        Assert.Equal("value", (await promotion.Node.ExecuteAsync("GET", "key")).Text);
        foreach (var sentinel in topology.Sentinels)
        {
            var refused = (await sentinel.ExecuteAsync(["ACL", "LOG", "128"], Token)).Items.Select(
                entry => (entry.Field("object"), int.Parse(entry.Field("count")!, CultureInfo.InvariantCulture))).ToList();
            TestContext.Current.TestOutputHelper?.WriteLine($"{sentinel.Address}: {string.Join(", ", refused)}");

            // One at a connect for each command; PING, which is no question, once for each connection. Before Redis 7.0, all of SENTINEL is one command.
            Assert.All(refused, entry => Assert.InRange(entry.Item2, 1, ServerVersion.Major < 7 && entry.Item1 == "sentinel" ? 3 * told.Length : 3));
        }

        var lines = logs.GetSnapshot().Select(entry => entry.Message).Where(line => line.Contains(topology.Sentinels[0].Address, StringComparison.Ordinal)).ToList();
        Assert.All(told, command => Assert.Single(lines, line => line.StartsWith(
            $"Sentinel {topology.Sentinels[0].Address} does not allow this user to run {command}", StringComparison.Ordinal)));
        Assert.Single(lines, line => line.Contains("does not allow this user to subscribe", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.DoesNotContain("s3cret", line, StringComparison.Ordinal));
    }
}
