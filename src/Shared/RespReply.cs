namespace ConvoyRedis.Shared;

/// <summary>One reply of a Redis server as text: a scalar, an error, or a list of replies.</summary>
/// <param name="Text">The scalar's text, or the error's message; null for a null reply and for a list.</param>
/// <param name="Items">The list's items; empty for a scalar.</param>
/// <param name="IsError">Whether the server answered with an error.</param>
/// <param name="IsPush">Whether it is no answer: a RESP3 server sent it on its own account.</param>
internal sealed record RespReply(string? Text, IReadOnlyList<RespReply> Items, bool IsError = false, bool IsPush = false)
{
    public static RespReply Null { get; } = new(null, []);

    /// <summary>The text of item <paramref name="index"/>, or null when there is no such item.</summary>
    public string? this[int index] => index < Items.Count ? Items[index].Text : null;

    /// <summary>Its kind alone: an error may repeat what was sent, and a value may be a secret.</summary>
    public override string ToString() => IsError ? "error" : Text is null ? $"{Items.Count} items" : $"{Text.Length} characters";

    /// <summary>For a list of alternating names and values: the value of a name, or null.</summary>
    public string? Field(string name)
    {
        for (var i = 0; i + 1 < Items.Count; i += 2)
        {
            if (Items[i].Text == name)
                return Items[i + 1].Text;
        }

        return null;
    }
}
