using ConvoyRedis.Client;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace ConvoyRedis.Sample.Worker;

/// <summary>
/// Takes one job after another. A job that is being worked on stands in a list of this worker's own until it is done, so that one that was
/// interrupted (by a crash of the worker, or of the master while a command was in flight, or because the next master had not heard that it was done)
/// is found again: each job is done at least once, and what it does must bear to be done twice.
/// </summary>
internal sealed partial class JobWorker(IConnectionMultiplexer redis, IConvoyRedisConnection connection, ILogger<JobWorker> logger) : BackgroundService
{
    private static readonly RedisKey Pending = "jobs:pending";
    private static readonly RedisKey Working = $"jobs:working:{Environment.MachineName}";
    private static readonly RedisKey Done = "jobs:done";
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WorkOnOne = TimeSpan.FromMilliseconds(5);

    private readonly IDatabase _database = redis.GetDatabase();
    private volatile bool _isInterrupted = true;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        connection.MasterChanged += (_, _) => _isInterrupted = true;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_isInterrupted)
                {
                    _isInterrupted = false;
                    await TakeUpAgainAsync();
                }

                var job = await _database.ListMoveAsync(Pending, Working, ListSide.Right, ListSide.Left);
                if (job.IsNull)
                {
                    await Task.Delay(Idle, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    continue;
                }

                await WorkAsync();
                await NoteDoneAsync(job);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                // Whether the command was carried out is not known: what stands in the list tells.
                Interrupted(logger, exception.Message.Split(',')[0]);
                _isInterrupted = true;
                await Task.Delay(Idle, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TakeUpAgainAsync()
    {
        while (!(await _database.ListMoveAsync(Working, Pending, ListSide.Right, ListSide.Right)).IsNull)
        {
            // The oldest one is taken first again.
        }
    }

    // Here the work would be done.
    private static Task WorkAsync() => Task.Delay(WorkOnOne);

    // In one transaction: between two commands there may be a failover, and the next master would forget the job without having heard that it is done.
    // It is noted by the job's name: noting it twice is once.
    private async Task NoteDoneAsync(RedisValue job)
    {
        var transaction = _database.CreateTransaction();
        _ = transaction.SetAddAsync(Done, job);
        _ = transaction.ListRemoveAsync(Working, job, count: 1);
        await transaction.ExecuteAsync();
    }

    [LoggerMessage(1, LogLevel.Warning, "Interrupted, and going on: {Reason}")]
    private static partial void Interrupted(ILogger logger, string reason);
}
