using ConvoyRedis.Shared;

namespace ConvoyRedis.Testing;

/// <summary>A server's reply as text.</summary>
public sealed class RedisReply
{
    private readonly RespReply _reply;

    internal RedisReply(RespReply reply)
    {
        _reply = reply;
        Items = [.. reply.Items.Select(item => new RedisReply(item))];
    }

    /// <summary>The text of a scalar or an error; null for a null reply and for a list.</summary>
    public string? Text => _reply.Text;

    /// <summary>Whether the server answered with an error.</summary>
    public bool IsError => _reply.IsError;

    /// <summary>The items of a list; empty for a scalar.</summary>
    public IReadOnlyList<RedisReply> Items { get; }

    /// <summary>For a list of alternating names and values: the value of a name, or null.</summary>
    /// <param name="name">The name.</param>
    public string? Field(string name) => _reply.Field(name);

    /// <summary>The text, or the items in brackets.</summary>
    public override string ToString() => Items.Count > 0 ? $"[{string.Join(", ", Items)}]" : Text ?? "(null)";
}
