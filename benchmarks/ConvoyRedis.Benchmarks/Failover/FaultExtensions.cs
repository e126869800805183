using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

internal static class FaultExtensions
{
    public static string Text(this Fault fault) => fault switch
    {
        Fault.Killed => "master killed",
        Fault.Planned => "`SENTINEL FAILOVER`",
        Fault.Hung => "master hung",
        Fault.KilledAndSentinelKilled => "master and a sentinel killed",
        _ => "master killed, a sentinel hung",
    };

    public static async Task BringAboutAsync(this Fault fault, SentinelTopology topology, CancellationToken cancellationToken)
    {
        var master = await topology.GetMasterAsync(cancellationToken);
        switch (fault)
        {
            case Fault.Planned:
                await topology.FailoverAsync(cancellationToken);
                return;
            case Fault.Hung:
                await master.HangAsync();
                return;
            case Fault.KilledAndSentinelKilled:
                await Task.WhenAll(topology.Sentinels[0].KillAsync(), master.KillAsync());
                return;
            case Fault.KilledAndSentinelHung:
                await topology.Sentinels[0].HangAsync();
                break;
        }

        await master.KillAsync();
    }
}
