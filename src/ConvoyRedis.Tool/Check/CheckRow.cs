namespace ConvoyRedis.Tool.Check;

/// <summary>One thing that was looked at.</summary>
/// <param name="Kind">What the subject is.</param>
/// <param name="Subject">Whose it is: an address, a queue's name, or the deployment.</param>
/// <param name="Check">What was looked at, by Redis's own name where it has one.</param>
/// <param name="Status">How good or bad it is.</param>
/// <param name="Value">What was found.</param>
/// <param name="Number">The same as a number, where it is one: a percentage, seconds, days or a count.</param>
/// <param name="Healthy">What it should be; null where nothing is asked of it.</param>
/// <param name="Action">What to do about it; null when it is as it should be.</param>
internal sealed record CheckRow(
    SubjectKind Kind, string Subject, string Check, CheckStatus Status, string Value, double? Number, string? Healthy, string? Action);
