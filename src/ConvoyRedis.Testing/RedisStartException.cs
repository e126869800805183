namespace ConvoyRedis.Testing;

/// <summary>A server did not start, or did not become ready; the message ends with the last lines of its log.</summary>
public sealed class RedisStartException : Exception
{
    internal RedisStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
