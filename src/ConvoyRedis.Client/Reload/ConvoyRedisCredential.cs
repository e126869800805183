using System.Diagnostics;

namespace ConvoyRedis.Client;

/// <summary>A login for the data nodes.</summary>
/// <param name="username">The ACL user; null for Redis's default user.</param>
/// <param name="password">The password or token.</param>
/// <param name="expiresOn">When it expires; null for never. The provider is asked for the next one after three quarters of the time until then.</param>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class ConvoyRedisCredential(string? username, string password, DateTimeOffset? expiresOn = null)
{
    /// <summary>The ACL user; null for Redis's default user.</summary>
    public string? Username { get; } = username;

    /// <summary>The password or token.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    public string Password { get; } = password ?? throw new ArgumentNullException(nameof(password));

    /// <summary>When it expires; null for never.</summary>
    public DateTimeOffset? ExpiresOn { get; } = expiresOn;

    /// <summary>The user and the expiry; never the password.</summary>
    public override string ToString() => $"{Username ?? "default user"}{(ExpiresOn is { } on ? $" until {on:O}" : "")}";
}
