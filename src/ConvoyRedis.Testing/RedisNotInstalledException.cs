namespace ConvoyRedis.Testing;

/// <summary>There is neither a redis-server nor a container engine. The message says how to install one.</summary>
public sealed class RedisNotInstalledException : Exception
{
    internal RedisNotInstalledException(string what)
        : base($"{what} Install Redis 7.0 or later (Debian, Ubuntu: apt-get install redis-server; Fedora, RHEL: dnf install redis; "
            + "Alpine: apk add redis; macOS: brew install redis), or set REDIS_SERVER_PATH to the redis-server binary, or start Docker or Podman "
            + "(set DOCKER_HOST if its socket is not the usual one).")
    {
    }
}
