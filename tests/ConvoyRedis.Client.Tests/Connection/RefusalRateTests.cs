using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Whatever a peer refuses, it is asked again at a pace that it does not notice. All refusals of a kind are watched at the same time.</summary>
public sealed class RefusalRateTests
{
    private const string NoPermission = "NOPERM this user has no permissions to run this command";

    /// <summary>
    /// A link has 11 commands until it is refused, and is made again with random pauses of up to 1 s: ten times on average in the time that is observed, and
    /// twice as often only with a chance of less than one in a million.
    /// </summary>
    private const int MostCommandsOfASentinel = 20 * 11;

    /// <summary>A node that takes no connection is dialled with pauses of up to 0.5 s by the command and the subscription stream, each with 3 commands.</summary>
    private const int MostCommandsOfANode = 150;

    /// <summary>A candidate is asked a thousand times a second while it answers, and with pauses of up to 50 ms when it refuses.</summary>
    private const int MostCommandsOfACandidate = 900;

    private static readonly TimeSpan Observed = TimeSpan.FromSeconds(3);

    private static readonly (string Command, string Reply)[] RefusalsOfASentinel =
    [
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Error(NoPermission)),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.NullArray),
        ("SENTINEL GET-MASTER-ADDR-BY-NAME", Resp.Error("ERR unknown subcommand")),
        ("SENTINEL MASTER", Resp.Error(NoPermission)),
        ("SENTINEL MASTER", Resp.Error("ERR No such master with that name")),
        ("SENTINEL MASTER", Resp.Null),
        ("SENTINEL MASTERS", Resp.Error(NoPermission)),
        ("SENTINEL CKQUORUM", Resp.Error(NoPermission)),
        ("SENTINEL CKQUORUM", ScriptedPeer.Close),
        ("SENTINEL MYID", Resp.Error(NoPermission)),
        ("SENTINEL SENTINELS", Resp.Error(NoPermission)),
        ("INFO", Resp.Error(NoPermission)),
        ("INFO", ScriptedPeer.Close),
        ("SUBSCRIBE", Resp.Error(NoPermission)),
        ("SUBSCRIBE", Resp.Error("ERR too busy")),
        ("SUBSCRIBE", ScriptedPeer.Close),
        ("PING", Resp.Error("NOAUTH Authentication required.")),
        ("PING", Resp.Error(NoPermission)),
        ("PING", Resp.Error("ERR max number of clients reached")),
        ("PING", ScriptedPeer.Close),
    ];

    private static readonly (string Command, string Reply)[] RefusalsOfANode =
    [
        ("PING", Resp.Error("NOAUTH Authentication required.")),
        ("PING", Resp.Error(NoPermission)),
        ("PING", Resp.Error("LOADING Redis is loading the dataset in memory")),
        ("PING", Resp.Error("ERR max number of clients reached")),
        ("PING", ScriptedPeer.Close),
        ("ROLE", Resp.Error("LOADING Redis is loading the dataset in memory")),
        ("ROLE", ScriptedPeer.Close),
    ];

    private static readonly (string Command, string Reply)[] NoMasters =
    [
        ("ROLE", Resp.Bulks("slave", "127.0.0.1", "6379", "connected", "1")),
        ("ROLE", Resp.Bulks("sentinel")),
        ("ROLE", Resp.Null),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Sentinel_RefusesACommand_IsAskedSlowly() => AssertAsync(RefusalsOfASentinel, MostCommandsOfASentinel, async refusal =>
    {
        await using var node = ScriptedPeer.Start(Master);
        await using var sentinel = ScriptedSentinel.Start(node.Endpoint);
        sentinel.Override = Refusing(refusal);
        await WatchAsync(sentinel, () => Task.CompletedTask);
        return sentinel.Peer.Commands.Count;
    });

    [Fact]
    public Task Master_RefusesACommand_IsAskedSlowly() => AssertAsync([.. RefusalsOfANode, .. NoMasters], MostCommandsOfANode, async refusal =>
    {
        await using var node = ScriptedPeer.Start(received => Refusing(refusal)(received) ?? Master(received));
        await using var sentinel = ScriptedSentinel.Start(node.Endpoint);
        await WatchAsync(sentinel, () => Task.CompletedTask);
        return node.Commands.Count;
    });

    [Fact]
    public Task Candidate_RefusesACommand_IsAskedSlowly() => AssertAsync(RefusalsOfANode, MostCommandsOfACandidate, async refusal =>
    {
        await using var node = ScriptedPeer.Start(Master);
        await using var candidate = ScriptedPeer.Start(received => Refusing(refusal)(received) ?? Master(received));
        await using var sentinel = ScriptedSentinel.Start(node.Endpoint);
        await WatchAsync(sentinel, async () =>
        {
            await Eventually.TrueAsync(() => sentinel.Peer.Count("SENTINEL", "SENTINELS") > 0, Token);
            await sentinel.PublishFailoverAsync(candidate.Endpoint);
        });
        return candidate.Commands.Count;
    });

    private static async Task AssertAsync(
        IReadOnlyList<(string Command, string Reply)> refusals, int most, Func<(string Command, string Reply), Task<int>> countAsync)
    {
        var counts = await Task.WhenAll(refusals.Select(countAsync));

        Assert.All(refusals.Zip(counts), counted =>
            Assert.True(counted.Second > 0 && counted.Second <= most, $"{counted.First.Command} -> {counted.First.Reply.Trim()}: {counted.Second} commands"));
    }

    private static async Task WatchAsync(ScriptedSentinel sentinel, Func<Task> afterStartAsync)
    {
        await using var connection = new ConvoyRedisConnection(
            new ConvoyRedisOptions { Scheme = "redis-sentinel", Host = $"{sentinel.Endpoint}", MasterName = ScriptedSentinel.MasterName }.Resolve());
        connection.Start();
        await afterStartAsync();
        await Task.Delay(Observed, Token);
    }

    private static Func<IReadOnlyList<string>, string?> Refusing((string Command, string Reply) refusal)
    {
        var words = refusal.Command.Split(' ');
        return received => received.Take(words.Length).SequenceEqual(words) ? refusal.Reply : null;
    }

    // A master that can be dialled and does nothing else. StackExchange.Redis's ECHO is binary, which the double does not give back: its handshake stays open.
    private static string? Master(IReadOnlyList<string> command) => command[0].ToUpperInvariant() switch
    {
        "PING" => Resp.Pong,
        "ROLE" => Resp.Array(Resp.Bulk("master"), Resp.Number(0), Resp.Array()),
        "ECHO" => command[1].All(char.IsAscii) ? Resp.Bulk(command[1]) : ScriptedPeer.Silence,
        "INFO" => Resp.Bulk("# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\n"),
        "CLIENT" or "SELECT" or "AUTH" => Resp.Ok,
        "SUBSCRIBE" => Resp.Array(Resp.Bulk("subscribe"), Resp.Bulk(command[1]), Resp.Number(1)),
        _ => Resp.Error($"ERR unknown command '{command[0]}'"),
    };
}
