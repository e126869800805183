using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>Logs that a master refuses writes: when it starts, and once a minute while it continues; not for every command.</summary>
/// <param name="logger">The log.</param>
/// <param name="time">The clock.</param>
/// <param name="shown">Removes secrets from a server's text.</param>
internal sealed class WriteRefusals(ILogger logger, TimeProvider time, Func<string, string> shown)
{
    /// <summary>The time between two lines about the same error.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisErrorKind, long> _logged = [];

    public void Note(RedisErrorKind kind, string? error)
    {
        if (error is null)
            return;
        lock (_gate)
        {
            if (_logged.TryGetValue(kind, out var last) && time.GetElapsedTime(last) < Period)
                return;
            _logged[kind] = time.GetTimestamp();
        }

        Log.WriteRefused(logger, shown(error), Remedies.ForError(error) ?? "");
    }
}
