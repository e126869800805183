using ConvoyRedis.Benchmarks.Clients;
using Spectre.Console;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>Each fault, met by few clients and by many.</summary>
internal static class FleetFailovers
{
    /// <summary>Clients of which none came back this often are not asked again.</summary>
    public const int MostNevers = 2;

    // Again, when the deployment did something else than the fault asked for.
    private const int Attempts = 3;

    /// <summary>A client that has written nothing on the new master for this long never comes back.</summary>
    public static TimeSpan Limit(bool isQuick) => TimeSpan.FromSeconds(isQuick ? 15 : 30);

    public static int Steps(FleetOrder order) => order.Tls.Count * order.Faults.Count * (1 + (order.Runs * order.Sizes.Count * order.Contenders.Count));

    public static async Task<IReadOnlyList<FleetRun>> RunAsync(FleetOrder order, Action<string> step, CancellationToken cancellationToken)
    {
        var results = new List<FleetRun>();
        var alone = new List<FleetRun>();
        List<(bool IsTls, FleetFault Fault)> scenes = [.. order.Tls.SelectMany(_ => order.Faults, (isTls, fault) => (isTls, fault))];

        // What the servers do in a failover by themselves; it also starts and compiles what the observer needs.
        foreach (var (isTls, fault) in scenes)
        {
            alone.Add(await MeasureAsync(new FleetMeasurement(fault, isTls, Limit(order.IsQuick), []), null, 0, cancellationToken)
                ?? throw new InvalidOperationException($"The deployment did not fail over once and for all in each of {Attempts} attempts: this machine is too busy."));
            step($"{fault}{(isTls ? ", TLS" : "")}: the servers alone");
        }

        // In turn, so that whatever else the machine does meets each client alike.
        for (var run = 0; run < order.Runs; run++)
        {
            foreach (var (isTls, fault) in scenes)
            {
                var measurement = new FleetMeasurement(fault, isTls, Limit(order.IsQuick), alone.Single(one => one.IsTls == isTls && one.Fault == fault).Loads);
                foreach (var (clients, contender) in order.Sizes.SelectMany(_ => order.Contenders, (clients, contender) => (clients, contender)))
                {
                    var name = $"{fault}{(isTls ? ", TLS" : "")}: {clients} × {contender.Id}";
                    if (IsGivenUp(contender, clients, isTls, fault, results))
                    {
                        step($"{name} never came back before");
                        continue;
                    }

                    // What the deployment did instead is no figure of the clients; the other runs are.
                    var measured = await MeasureAsync(measurement, contender, clients, cancellationToken);
                    if (measured is not null)
                        results.Add(measured);
                    step(measured is null ? $"{name} not measured" : $"{name} {FleetReport.Lag(measured.LagMedian)}, last {FleetReport.Lag(measured.LagLast)}");
                }
            }
        }

        return results;
    }

    private static bool IsGivenUp(Contender contender, int clients, bool isTls, FleetFault fault, List<FleetRun> results)
    {
        var own = results.Where(run => run.Client == contender.Id && run.Clients == clients && run.IsTls == isTls && run.Fault == fault).ToList();
        return own.Count >= MostNevers && own.TrueForAll(run => run.Never == clients);
    }

    private static async Task<FleetRun?> MeasureAsync(FleetMeasurement measurement, Contender? contender, int clients, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (await measurement.RunAsync(contender, clients, cancellationToken) is { } run)
                return run;
            AnsiConsole.WriteLine("The deployment did not fail over once and for all: measured again.");
        }

        return null;
    }
}
