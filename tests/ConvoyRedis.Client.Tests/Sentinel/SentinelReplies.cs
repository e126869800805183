using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Sentinel;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Tests.Sentinel;

/// <summary>What a sentinel replies to each command, by its first two words, without a connection; an error to all others.</summary>
internal sealed class SentinelReplies
{
    public static readonly ConvoyRedisEndpoint Sentinel = new("10.0.0.9", 26379);

    private readonly Dictionary<string, RespReply> _replies = [];

    public SentinelReplies()
    {
        var options = new ConvoyRedisOptions { Scheme = "redis-sentinel", Addresses = "10.0.0.9:26379", MasterName = "mymaster" };
        Client = new SentinelClient(ExecuteAsync, Sentinel, "mymaster", new NodeDialer(NodeAccess.ToSentinels(options.Resolve(), tls: null)));
    }

    public SentinelClient Client { get; }

    /// <summary>What it was asked.</summary>
    public List<string> Asked { get; } = [];

    public RespReply this[string command]
    {
        set => _replies[command] = value;
    }

    public static RespReply Text(string? text) => new(text, []);

    public static RespReply Error(string text) => new(text, [], IsError: true);

    public static RespReply Texts(params string[] items) => List([.. items.Select(Text)]);

    public static RespReply List(params RespReply[] items) => new(null, items);

    public Task<RespReply> ExecuteAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        Asked.Add(string.Join(' ', command));
        return Task.FromResult(_replies.GetValueOrDefault(string.Join(' ', command.Take(2)), Error("ERR unknown command")));
    }
}
