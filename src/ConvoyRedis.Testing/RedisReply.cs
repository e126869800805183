using ConvoyRedis.Shared;

namespace ConvoyRedis.Testing;

/// <summary>A server's reply as text.</summary>
public sealed class RedisReply
{
    internal RedisReply(RespReply reply)
    {
        Text = reply.Text;
        IsError = reply.IsError;
        Items = [.. reply.Items.Select(item => new RedisReply(item))];
    }

    /// <summary>The text of a scalar or an error; null for a null reply and for a list.</summary>
    public string? Text { get; }

    /// <summary>Whether the server answered with an error.</summary>
    public bool IsError { get; }

    /// <summary>The items of a list; empty for a scalar.</summary>
    public IReadOnlyList<RedisReply> Items { get; }

    /// <summary>For a list of alternating names and values: the value of a name, or null.</summary>
    /// <param name="name">The name.</param>
    public string? Field(string name)
    {
        for (var i = 0; i + 1 < Items.Count; i += 2)
        {
            if (Items[i].Text == name)
                return Items[i + 1].Text;
        }

        return null;
    }

    /// <summary>The text, or the items in brackets.</summary>
    public override string ToString() => Items.Count > 0 ? $"[{string.Join(", ", Items)}]" : Text ?? "(null)";
}
