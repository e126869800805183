namespace ConvoyRedis.Testing;

/// <summary>What a <see cref="ClusterTopology"/> is like.</summary>
public sealed class ClusterOptions
{
    /// <summary>The number of masters, 3 by default, among which the slots are shared evenly.</summary>
    public int Masters { get; init; } = 3;

    /// <summary>The password on every node; null (the default) for none.</summary>
    public string? Password { get; init; }

    /// <summary>TLS, or null (the default) for none.</summary>
    public TlsSettings? Tls { get; init; }
}
