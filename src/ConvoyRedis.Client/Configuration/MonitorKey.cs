using System.Diagnostics;

namespace ConvoyRedis.Client.Configuration;

/// <summary>The settings that two connections must have in common to share a monitor, by their declarations.</summary>
internal sealed class MonitorKey(ConvoyRedisTarget target) : IEquatable<MonitorKey>
{
    // Passwords are among them.
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    private readonly string?[] _values =
        [.. Settings.All.Where(setting => setting.SeparatesMonitors).Select(setting => SettingText.Write(target[setting]))];

    public bool Equals(MonitorKey? other) => other is not null && _values.SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as MonitorKey);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var value in _values)
            hash.Add(value, StringComparer.Ordinal);
        return hash.ToHashCode();
    }
}
