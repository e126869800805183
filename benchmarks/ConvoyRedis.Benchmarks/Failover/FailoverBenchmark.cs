using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using Spectre.Console;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>Each client and each fault in turn.</summary>
internal static class FailoverBenchmark
{
    /// <summary>A client that did not come back from a fault this often, and never did, is not asked again.</summary>
    public const int MostNevers = 2;

    // Again, when the deployment did something else than the fault asked for.
    private const int Attempts = 3;

    /// <param name="contenders">The clients.</param>
    /// <param name="scenarios">What happens to them.</param>
    /// <param name="runs">How often each meets each fault.</param>
    /// <param name="isQuick">Whether all of them meet a fault at once, on one deployment: quicker, and their milliseconds disturb each other.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<FailoverRun>> RunAsync(
        IReadOnlyList<Contender> contenders, IReadOnlyList<Scenario> scenarios, int runs, bool isQuick, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyList<Contender>> groups = isQuick ? [contenders] : [.. contenders.Select(contender => new[] { contender })];
        var results = new List<FailoverRun>();
        Task<IReadOnlyList<FailoverRun>> MeasureAsync(IReadOnlyList<Contender> group, Scenario scenario) =>
            FailoverBenchmark.MeasureAsync(group, scenario, FailoverMeasurement.Limit(isQuick), cancellationToken);

        // The first run of a process starts and compiles what the observer needs, which none of the clients should pay for.
        await MeasureAsync([Contender.All[0]], Scenario.Planned);
        await ProgressView.RunAsync("failover", runs * scenarios.Count * groups.Count, async step =>
        {
            // In turn, so that whatever else the machine does meets each client alike.
            for (var run = 0; run < runs; run++)
            {
                foreach (var scenario in scenarios)
                {
                    foreach (var group in groups)
                    {
                        List<Contender> left = [.. group.Where(contender => contender.Meets(scenario.Kind) && !IsGivenUp(contender, scenario, results))];
                        var own = left.Count > 0 ? await MeasureAsync(left, scenario) : [];
                        results.AddRange(own);
                        step($"{scenario}: " + string.Join(", ", own.Select(one => $"{one.Client} {(one.Lag ?? double.PositiveInfinity).Duration()}")));
                    }
                }
            }
        });
        return results;
    }

    private static bool IsGivenUp(Contender contender, Scenario scenario, List<FailoverRun> results)
    {
        var own = results.Where(run => run.Client == contender.Id && run.Fault == scenario.Id).ToList();
        return own.Count >= MostNevers && own.TrueForAll(run => run.Lag is null);
    }

    private static async Task<IReadOnlyList<FailoverRun>> MeasureAsync(
        IReadOnlyList<Contender> contenders, Scenario scenario, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await FailoverMeasurement.MeasureAsync(contenders, scenario, limit, cancellationToken) is { } runs)
                return runs;
            AnsiConsole.WriteLine("The deployment did not fail over once and for all: measured again.");
        }

        throw new InvalidOperationException($"The deployment did not fail over once and for all in each of {Attempts} attempts: this machine is too busy.");
    }
}
