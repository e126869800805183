using System.Diagnostics;

namespace ConvoyRedis.Client.Configuration;

/// <summary>What the user wrote for a setting, and where.</summary>
/// <param name="text">The text as it was written.</param>
/// <param name="source">The name under which it was written and the place, for example <c>CONVOY_REDIS_PORT (environment)</c>.</param>
[DebuggerDisplay("{Source,nq}")]
internal sealed class SettingValue(string text, string source)
{
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string Text { get; } = text;

    public string Source { get; } = source;

    /// <summary>The source alone; the text may be a secret.</summary>
    public override string ToString() => Source;
}
