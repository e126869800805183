using System.Diagnostics;
using ConvoyRedis.Client;
using StackExchange.Redis;

namespace ConvoyRedis.Benchmarks.Replicas;

/// <summary>Writes the time, again and again: what a read gives tells how old it is.</summary>
internal sealed class StampWriter : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly ConvoyRedisConnection _connection;
    private readonly Task _writing;
    private long _acknowledged;
    private volatile bool _isStopped;

    /// <param name="connection">Where it writes; ends with this.</param>
    public StampWriter(ConvoyRedisConnection connection)
    {
        _connection = connection;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>The last time that was acknowledged.</summary>
    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        await _writing;
        await _connection.DisposeAsync();
    }

    private async Task WriteAsync()
    {
        var database = (await _connection.GetMultiplexerAsync()).GetDatabase();
        while (!_isStopped)
        {
            var stamp = Stopwatch.GetTimestamp();
            try
            {
                await database.StringSetAsync(Reader.Key, stamp);
                Volatile.Write(ref _acknowledged, stamp);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // In flight to a master that died.
            }

            await Task.Delay(Pause);
        }
    }
}
