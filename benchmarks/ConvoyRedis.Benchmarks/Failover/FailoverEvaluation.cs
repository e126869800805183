using System.Diagnostics;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>What a fault did to one client, by what it was told and what the new master has.</summary>
internal static class FailoverEvaluation
{
    private const double NanosecondsInMillisecond = 1e6;
    private const int KeysAtOnce = 1000, BeginningOfAnError = 60;

    public static async Task<FailoverRun> EvaluateAsync(
        ClientProcess client, Scenario scenario, Takeover takeover, long? first, SentinelEvents? events, CancellationToken cancellationToken)
    {
        var (calls, promotion) = (client.Writes.ToList(), takeover.Promotion);
        var times = scenario.IsReading ? [] : await TimesWrittenAsync(promotion.Node, [.. calls.Select(call => call.Key)], cancellationToken);
        bool Lasts(Write call) => scenario.IsReading || times[call.Key] > 0;
        var acknowledged = calls.Where(call => call.Error is null).ToList();
        var lasting = acknowledged.Where(Lasts).Select(call => call.Ended).Order().ToList();
        var gap = lasting.Zip(lasting.Skip(1), (from, to) => (From: from, To: to)).MaxBy(gap => gap.To - gap.From);
        var isOver = first is not null || scenario.IsReading;
        var since = (long instant) => Math.Round((instant - Instant(promotion)) / NanosecondsInMillisecond, 3);
        return new FailoverRun(
            client.Contender.Id,
            scenario.Id,
            since(takeover.FaultAt),
            events?.InstantsOf("+promoted-slave") is [var promoted, ..] ? since(promoted) : null,
            [.. events?.InstantsOf("+switch-master").Select(since) ?? []],
            first is { } came ? since(came) : null,
            since(isOver ? gap.From : lasting[^1]),
            isOver ? since(gap.To) : null,
            acknowledged.Count,
            acknowledged.Count(call => !Lasts(call)),
            times.Values.Count(count => count > 1),
            calls.Count - acknowledged.Count,
            Math.Round(calls.Max(call => call.Ended - call.Began) / NanosecondsInMillisecond, 3),
            [.. calls.Select(call => call.Error).OfType<string>().GroupBy(error => error[..Math.Min(error.Length, BeginningOfAnError)]).Select(group => $"{group.Count()} × {group.First()}")]);
    }

    /// <summary>In nanoseconds of the machine's monotonic clock.</summary>
    public static long Instant(Promotion promotion) => (long)(promotion.Timestamp * (1e9 / Stopwatch.Frequency));

    private static async Task<Dictionary<string, int>> TimesWrittenAsync(
        RedisServer node, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var times = new Dictionary<string, int>();
        foreach (var some in keys.Distinct().Chunk(KeysAtOnce))
        {
            var values = await node.ExecuteAsync(["MGET", .. some], cancellationToken);
            foreach (var (key, value) in some.Zip(values.Items))
                times[key] = int.Parse(value.Text ?? "0", null);
        }

        return times;
    }
}
