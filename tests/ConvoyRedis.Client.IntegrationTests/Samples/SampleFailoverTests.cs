using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Samples;

/// <summary>Both samples through a planned failover and a master's death.</summary>
public sealed partial class SampleFailoverTests
{
    private const int Jobs = 1500;
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_PlannedFailoverAndDeadMaster_DoesEveryJob()
    {
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var master = await topology.GetMasterAsync(Token);
        foreach (var numbers in Enumerable.Range(1, Jobs).Chunk(500))
            await master.ExecuteAsync(["LPUSH", "jobs:pending", .. numbers.Select(number => $"job {number}")]);
        await topology.WaitUntilSettledAsync(Token);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ConvoyRedis.Sample.Worker.dll")])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in topology.EnvironmentVariables)
            start.Environment[name] = value;
        using var worker = Process.Start(start)!;
        try
        {
            _ = worker.StandardOutput.ReadToEndAsync(CancellationToken.None);
            await DoneAsync(topology, Jobs / 5);
            await topology.FailoverAsync(Token);
            await Eventually.TrueAsync(async () => await topology.GetMasterAsync(Token) != master, Token);
            await DoneAsync(topology, Jobs / 2);
            await (await topology.GetMasterAsync(Token)).KillAsync();
            await DoneAsync(topology, Jobs);
        }
        finally
        {
            worker.Kill();
            await worker.WaitForExitAsync(CancellationToken.None);
        }

        var last = await topology.GetMasterAsync(Token);
        Assert.Equal($"{Jobs}", (await last.ExecuteAsync("SCARD", "jobs:done")).Text);

        // A job that is taken off the list by a command of its own, just after a failover, may have been noted as done by the old master only
        // (the sentinels have some transactions of their own).
        var calls = (await last.ExecuteAsync("INFO", "commandstats")).Text!;
        Assert.InRange(Calls("lrem"), 1, Calls("exec"));
        int Calls(string command) => int.Parse(Regex.Match(calls, $@"cmdstat_{command}:calls=(\d+)").Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        Assert.Equal("0", (await last.ExecuteAsync("LLEN", "jobs:pending")).Text);
    }

    [Fact]
    public async Task Api_PlannedFailoverAndDeadMaster_CacheHitsAndLimitHolds()
    {
        const int capacity = 20;
        const int perSecond = 10;
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        await using var api = await SampleApi.StartAsync(topology.EnvironmentVariables, Token);
        var cached = await api.GetAsync("now", Token);
        var (allowed, unanswered) = (0, 0);
        var began = Stopwatch.GetTimestamp();
        async Task<HttpStatusCode> TakeAsync()
        {
            var status = await api.PostForStatusAsync("limited/somebody", Token);
            allowed += status == HttpStatusCode.OK ? 1 : 0;
            unanswered += status is HttpStatusCode.OK or HttpStatusCode.TooManyRequests ? 0 : 1;
            return status;
        }

        // A failover may be over before the bucket is empty: what is over is taken from until it refuses.
        async Task TakeThroughFailoverAsync(RedisServer before)
        {
            await Eventually.TrueAsync(async () =>
            {
                await TakeAsync();
                return await topology.GetMasterAsync(Token) != before;
            }, Token);
            await Eventually.TrueAsync(async () => await TakeAsync() == HttpStatusCode.TooManyRequests, Token);
        }

        var master = await topology.GetMasterAsync(Token);
        await topology.FailoverAsync(Token);
        await TakeThroughFailoverAsync(master);

        // If the replica lagged (the metric says so), the last takes were lost with the old master: at most one more bucket, and one command in flight.
        var lagged = LostBytes().Match(await api.GetAsync("metrics", Token)) is { Success: true } lost && lost.Groups[1].Value != "0" ? 1 : 0;
        Assert.InRange(allowed, capacity, ((1 + lagged) * capacity) + (perSecond * Stopwatch.GetElapsedTime(began).TotalSeconds) + 1);
        Assert.InRange(unanswered, 0, lagged);
        Assert.Equal(cached, await api.GetAsync("now", Token));

        await topology.WaitUntilSettledAsync(Token);
        master = await topology.GetMasterAsync(Token);
        await master.KillAsync();
        await TakeThroughFailoverAsync(master);

        // The new master may not have received the last takes either: at most one more bucket, and one command in flight.
        Assert.InRange(allowed, capacity, ((2 + lagged) * capacity) + (perSecond * Stopwatch.GetElapsedTime(began).TotalSeconds) + 1);
        Assert.InRange(unanswered, 0, lagged + 1);
        Assert.Equal(cached, await api.GetAsync("now", Token));
    }

    [GeneratedRegex(@"^convoy_redis_failover_possibly_lost_bytes_sum\{[^}]*\} (\d+)", RegexOptions.Multiline)]
    private static partial Regex LostBytes();

    private static async Task DoneAsync(SentinelTopology topology, int jobs)
    {
        var (done, progressed) = (0, Stopwatch.GetTimestamp());
        while (done < jobs)
        {
            if (Stopwatch.GetElapsedTime(progressed) > LongestStandstill)
                Assert.Fail($"{done} of {jobs} jobs are done, and no more are: {await ListsAsync(topology)}");
            await Task.Delay(20, Token);
            try
            {
                var reply = await (await topology.GetMasterAsync(Token)).ExecuteAsync("SCARD", "jobs:done");
                var now = int.Parse(reply.Text!, CultureInfo.InvariantCulture);
                if (now > done)
                    progressed = Stopwatch.GetTimestamp();
                done = now;
            }
            catch (IOException)
            {
                // Not promoted yet, or killed.
            }
        }
    }

    private static async Task<string> ListsAsync(SentinelTopology topology)
    {
        var master = await topology.GetMasterAsync(Token);
        return $"pending: {(await master.ExecuteAsync("LLEN", "jobs:pending")).Text}, "
            + $"in work: {(await master.ExecuteAsync("LLEN", $"jobs:working:{Environment.MachineName}")).Text}";
    }
}
