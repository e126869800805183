namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>What was written under a key of a section.</summary>
/// <param name="Key">The key.</param>
/// <param name="Text">The value; null when there is none, or not a single one.</param>
/// <param name="Items">The items of a list; null when it is none.</param>
/// <param name="IsObject">Whether it is an object, or a list of more than values.</param>
internal readonly record struct SectionEntry(string Key, string? Text, IReadOnlyList<string>? Items = null, bool IsObject = false)
{
    /// <summary>The key alone; the text may be a secret.</summary>
    public override string ToString() => Key;
}
