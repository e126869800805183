using StackExchange.Redis;

namespace ConvoyRedis.Client;

/// <summary>A connection could not be made. The message names the node and the setting to check, and never contains a secret.</summary>
public sealed class ConvoyRedisConnectionException : RedisException
{
    internal ConvoyRedisConnectionException(ConvoyRedisFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>What went wrong.</summary>
    public ConvoyRedisFault Fault { get; }

    /// <summary>
    /// Whether retrying is pointless until a setting changes: wrong credentials, a refused certificate, an unknown master name.
    /// </summary>
    public bool IsFinal => Fault is not (ConvoyRedisFault.Unreachable or ConvoyRedisFault.Loading or ConvoyRedisFault.NotMaster
        or ConvoyRedisFault.NoMaster);

    /// <summary>Whether the node said that it takes no further connection now: to dial it again at once would keep it from serving others.</summary>
    internal bool IsRefusal { get; init; }

    /// <summary>Whose replica the node says it is; null unless it is one and says so.</summary>
    internal ConvoyRedisEndpoint? Successor { get; init; }
}
