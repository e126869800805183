using System.Globalization;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>Each client and each fault in turn, and the medians as a table.</summary>
internal static class FailoverBenchmark
{
    // A peer needs several times as long for a run, and what it shows does not depend on milliseconds.
    private const int PeerRunsEvery = 4;

    public static async Task RunAsync(int runs, CancellationToken cancellationToken)
    {
        Console.WriteLine("| client | fault | lag, median | lags | acknowledged | failed | lost |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (var fault in Enum.GetValues<Fault>())
        {
            // In turn, so that whatever else the machine does meets each client alike.
            var results = Client.All.ToDictionary(client => client, _ => new List<FailoverResult>());
            for (var run = 0; run < runs; run++)
            {
                foreach (var client in Client.All.Where(client => client.IsOurs || run % PeerRunsEvery == 0))
                    results[client].Add(await FailoverRun.RunAsync(client, fault, cancellationToken));
            }

            foreach (var (client, own) in results)
                Console.WriteLine(Row(client, fault, own));
        }
    }

    private static string Row(Client client, Fault fault, List<FailoverResult> results)
    {
        var lags = results.Select(result => result.Lag ?? TimeSpan.MaxValue).Order().ToList();
        string Median(Func<FailoverResult, int> figure) => results.Select(figure).Order().ElementAt(results.Count / 2).ToString(CultureInfo.InvariantCulture);
        return $"| {client.Name} | {fault} | {Text(lags[lags.Count / 2])} | {string.Join(", ", lags.Select(Text))} "
            + $"| {Median(result => result.Acknowledged)} | {Median(result => result.Failed)} | {Median(result => result.Lost)} |";
    }

    private static string Text(TimeSpan lag) =>
        lag == TimeSpan.MaxValue ? "never" : string.Create(CultureInfo.InvariantCulture, $"{lag.TotalMilliseconds:F1} ms");
}
