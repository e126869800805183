using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Connect;

/// <summary>How long a first connection takes in a process that is warm: it has connected before, by way of a sentinel that is always well.</summary>
internal static class ConnectBenchmark
{
    private const double NanosecondsInMillisecond = 1e6;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<ConnectRun>> RunAsync(
        IReadOnlyList<Contender> contenders, int runs, CancellationToken cancellationToken)
    {
        var results = new List<ConnectRun>();
        await using var topology = await SentinelTopology.StartAsync(cancellationToken: cancellationToken);
        var well = Deployment.Of(topology);
        await ProgressView.RunAsync("connect", Enum.GetValues<SentinelsState>().Length * contenders.Count, async step =>
        {
            foreach (var state in Enum.GetValues<SentinelsState>())
            {
                await BringAboutAsync(state, topology);
                var deployment = state == SentinelsState.OneUnresolvable
                    ? well with { Addresses = ["sentinel.invalid:26379", .. well.Addresses.Skip(1)] }
                    : well;
                foreach (var contender in contenders)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    await using var client = await ClientProcess.StartAsync(contender);
                    await client.ConnectAsync(well with { Addresses = [well.Addresses[^1]] }, Limit);
                    await client.CloseAsync();
                    var own = new List<ConnectRun>();

                    // One that does not connect within the limit is still at it: it is not asked again.
                    while (own.Count < runs && own.All(run => run.Milliseconds is not null))
                        own.Add(await MeasureAsync(client, deployment, state));
                    results.AddRange(own);
                    step($"{state}: {contender.Id} {own.Select(run => run.Milliseconds ?? double.PositiveInfinity).Median().Duration()}");
                }
            }
        });
        return results;
    }

    private static async Task<ConnectRun> MeasureAsync(ClientProcess client, Deployment deployment, SentinelsState state)
    {
        var first = await client.ConnectAsync(deployment, Limit);
        var errors = client.Writes.Count(write => write.Error is not null);
        if (first is null)
            return new ConnectRun(client.Contender.Id, state, null, errors);
        await client.CloseAsync();
        return new ConnectRun(client.Contender.Id, state, Math.Round((first.Ended - first.Began) / NanosecondsInMillisecond, 3), errors);
    }

    private static async Task BringAboutAsync(SentinelsState state, SentinelTopology topology)
    {
        switch (state)
        {
            case SentinelsState.OneHung:
                await topology.Sentinels[0].HangAsync();
                break;
            case SentinelsState.OneDead:
                await topology.Sentinels[0].ResumeAsync();
                await topology.Sentinels[0].KillAsync();
                break;
            case SentinelsState.TwoDead:
                await topology.Sentinels[1].KillAsync();
                break;
        }
    }
}
