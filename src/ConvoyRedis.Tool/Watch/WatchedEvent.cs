namespace ConvoyRedis.Tool.Watch;

/// <summary>Something that happened.</summary>
/// <param name="At">When it was first heard of, in local time.</param>
/// <param name="Source">Who says so: a sentinel, or the library's own connection.</param>
/// <param name="Text">What happened.</param>
/// <param name="Times">How many said the same within a short time.</param>
internal sealed record WatchedEvent(DateTime At, string Source, string Text, int Times = 1);
