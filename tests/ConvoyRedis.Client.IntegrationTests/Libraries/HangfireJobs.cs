using System.Collections.Concurrent;
using Hangfire;
using Hangfire.Redis.StackExchange;
using Hangfire.Server;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>Hangfire: jobs are enqueued all the time and run by a server. What it accepts runs at least once.</summary>
internal sealed class HangfireJobs : ILibrary
{
    private const int Workers = 4;
    private const string Queue = "default";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<int, (string Id, Call Call)> _accepted = new();
    private readonly NumberedJobs _jobs = new();
    private readonly IConnectionMultiplexer _multiplexer;
    private readonly RedisStorage _storage;
    private readonly BackgroundJobClient _client;
    private BackgroundJobServer? _server;
    private Repeated? _enqueuing;
    private List<(Call Call, string State)> _absent = [];
    private int _waiting;
    private int _restarted;

    public HangfireJobs(IConnectionMultiplexer multiplexer)
    {
        _multiplexer = multiplexer;
        _storage = Storage(TimeSpan.FromMinutes(30));
        _client = new BackgroundJobClient(_storage);
    }

    public Calls Calls { get; } = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _server = Server(_storage);
        _enqueuing = new Repeated(Pause, EnqueueAsync);
        return Task.CompletedTask;
    }

    // The service restarts then: its server takes up again what workers of the former one had fetched and could not finish.
    public async Task StopAsync(Outage outage, CancellationToken cancellationToken)
    {
        await _enqueuing!.StopAsync();
        await SettledAsync(outage, _ => true, cancellationToken);
        _server!.Dispose();
        var unfinished = Fetched();
        if (unfinished.Count > 0)
        {
            await Task.Delay(Soon, cancellationToken);
            _server = Server(Storage(Soon));
            await SettledAsync(outage, IsChecked, cancellationToken);
            _server.Dispose();
        }

        _waiting = Fetched().Count;
        _restarted = unfinished.Count - _waiting;
        _absent = [.. Absent().Select(job => (job.Call, $"{job.Id}: {StateOf(job.Id)}"))];
    }

    public string Check(Outage outage)
    {
        var lost = _absent.Where(job => outage.Keeps(job.Call)).Select(job => job.State).ToList();
        Assert.True(lost.Count == 0, $"Lost: {string.Join(", ", lost)}");

        // At least once: a job that ran when the master failed may run again, and one whose end the next master has not heard of.
        var runs = _jobs.Runs;
        var repeated = runs.Count(job => job.Count() > 1);
        var unheard = runs.SelectMany(job => job).Count(run => !outage.Keeps(run));
        Assert.InRange(repeated, 0, outage.IsPlanned ? 0 : Workers + unheard);
        Assert.True(!outage.IsPlanned || (_waiting == 0 && _restarted == 0 && !Calls.Errors.Any()), $"{Calls}, {_waiting} waiting, {_restarted} run after a restart");
        return $"{_absent.Count} lost in the last instant, {repeated} run twice, {_restarted} run after a restart, {_waiting} waiting for Hangfire's watcher";
    }

    public async ValueTask DisposeAsync()
    {
        if (_enqueuing is not null)
            await _enqueuing.DisposeAsync();
        _server?.Dispose();
    }

    private async Task EnqueueAsync(int number)
    {
        var id = "";
        var call = await Calls.MakeAsync(() =>
        {
            id = _client.Enqueue<NumberedJobs>(jobs => jobs.Run(number));
            return Task.CompletedTask;
        });
        if (call.Error is null)
            _accepted[number] = (id, call);
    }

    // What is still missing after a while, Check says.
    private async Task SettledAsync(Outage outage, Func<string, bool> mayStayFetched, CancellationToken cancellationToken)
    {
        bool IsSettled()
        {
            var monitor = _storage.GetMonitoringApi();
            var isIdle = monitor.ScheduledCount() == 0 && monitor.EnqueuedCount(Queue) == 0;
            return isIdle && Fetched().All(mayStayFetched) && !Absent().Any(job => outage.Keeps(job.Call));
        }

        await Task.WhenAny(Eventually.TrueAsync(() => Task.FromResult(IsSettled()), cancellationToken));
    }

    // Accepted, not run, and not with a worker either.
    private List<(string Id, Call Call)> Absent()
    {
        var (runs, fetched) = (_jobs.Runs, Fetched());
        return [.. _accepted.Where(job => !runs.Contains(job.Key) && !fetched.Contains(job.Value.Id)).Select(job => job.Value)];
    }

    // Fetched by a worker, and neither finished nor given back.
    private HashSet<string> Fetched() => [.. _storage.GetMonitoringApi().FetchedJobs(Queue, 0, 100).Select(job => job.Key)];

    // Hangfire does not know when it was fetched, and will fetch it again in a minute.
    private bool IsChecked(string id)
    {
        using var connection = _storage.GetConnection();
        return connection.GetJobParameter(id, "Checked") is not null;
    }

    private string StateOf(string id)
    {
        using var connection = _storage.GetConnection();
        return connection.GetJobData(id)?.State ?? "unknown";
    }

    private RedisStorage Storage(TimeSpan invisibility) =>
        new(_multiplexer, new RedisStorageOptions { FetchTimeout = Often, InvisibilityTimeout = invisibility });

    private BackgroundJobServer Server(RedisStorage storage) => new(
        new BackgroundJobServerOptions
        {
            Activator = _jobs,
            WorkerCount = Workers,

            // Each poll takes a lock, whose release is a transaction with a condition: after a crash, one can stall StackExchange.Redis for command_timeout.
            SchedulePollingInterval = DelayedJobScheduler.DefaultPollingDelay,
        },
        storage);
}
