using ConvoyRedis.Testing;

namespace ConvoyRedis.Tests;

/// <summary>Brings a <see cref="MasterFault"/> about.</summary>
internal static class MasterFaults
{
    public static async Task CauseAsync(this MasterFault fault, SentinelTopology topology, CancellationToken cancellationToken)
    {
        var master = await topology.GetMasterAsync(cancellationToken);
        switch (fault)
        {
            case MasterFault.Killed:
                await master.KillAsync();
                break;
            case MasterFault.Hung:
                await master.HangAsync();
                break;
            default:
                await topology.FailoverAsync(cancellationToken);
                break;
        }
    }
}
