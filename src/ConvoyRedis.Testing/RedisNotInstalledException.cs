namespace ConvoyRedis.Testing;

/// <summary>There is no redis-server to start; the message says how to install one.</summary>
public sealed class RedisNotInstalledException : Exception
{
    internal RedisNotInstalledException(string what)
        : base($"{what} Install Redis 7.0 or later (Debian, Ubuntu: apt-get install redis-server; Fedora, RHEL: dnf install redis; "
            + "Alpine: apk add redis; macOS: brew install redis), or set REDIS_SERVER_PATH to the redis-server binary.")
    {
    }
}
