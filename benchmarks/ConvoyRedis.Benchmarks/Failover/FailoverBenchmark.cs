using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using Spectre.Console;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>Each client and each fault in turn.</summary>
internal static class FailoverBenchmark
{
    // Again, when the sentinels did something else than the fault asked for.
    private const int Attempts = 3;

    /// <param name="contenders">The clients.</param>
    /// <param name="faults">What happens to them.</param>
    /// <param name="runs">How often each meets each fault.</param>
    /// <param name="together">Whether all of them meet a fault at once, on one topology: quicker, and their milliseconds disturb each other.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<IReadOnlyList<FailoverRun>> RunAsync(
        IReadOnlyList<Contender> contenders, IReadOnlyList<Scenario> faults, int runs, bool together, CancellationToken cancellationToken)
    {
        IReadOnlyList<IReadOnlyList<Contender>> groups = together ? [contenders] : [.. contenders.Select(contender => new[] { contender })];
        var results = new List<FailoverRun>();

        // The first run of a process starts and compiles what the observer needs, which none of the clients should pay for.
        await MeasureAsync([Contender.All[0]], Scenario.Planned, cancellationToken);
        await ProgressView.RunAsync("failover", runs * faults.Count * groups.Count, async step =>
        {
            // In turn, so that whatever else the machine does meets each client alike.
            for (var run = 0; run < runs; run++)
            {
                foreach (var fault in faults)
                {
                    foreach (var group in groups)
                    {
                        var own = await MeasureAsync(group, fault, cancellationToken);
                        results.AddRange(own);
                        step($"{fault}: " + string.Join(", ", own.Select(one => $"{one.Client} {(one.Lag ?? double.PositiveInfinity).Duration()}")));
                    }
                }
            }
        });
        return results;
    }

    private static async Task<IReadOnlyList<FailoverRun>> MeasureAsync(
        IReadOnlyList<Contender> contenders, Scenario fault, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await FailoverMeasurement.MeasureAsync(contenders, fault, cancellationToken) is { } runs)
                return runs;
            AnsiConsole.WriteLine("The sentinels did not fail over once and for all: measured again.");
        }

        throw new InvalidOperationException($"The sentinels did not fail over once and for all in each of {Attempts} attempts: this machine is too busy.");
    }
}
