using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Failover;

/// <summary>What happens to the master; and to the first sentinel, which clients ask first.</summary>
/// <param name="Name">Its name on the command line and in the results.</param>
/// <param name="Text">Its name in reports.</param>
/// <param name="Master">What happens to the master.</param>
/// <param name="FirstSentinel">What happens to the first sentinel; null for nothing.</param>
internal sealed record Scenario(string Name, string Text, MasterFault Master, MasterFault? FirstSentinel = null)
{
    /// <summary>The planned failover.</summary>
    public static readonly Scenario Planned = new("planned", "`SENTINEL FAILOVER`", MasterFault.Planned);

    /// <summary>All of them, in the order of the reports.</summary>
    public static readonly IReadOnlyList<Scenario> All =
    [
        new("kill", "master killed", MasterFault.Kill),
        Planned,
        new("hang", "master hung", MasterFault.Hang),
        new("kill-and-sentinel-kill", "master and a sentinel killed", MasterFault.Kill, MasterFault.Kill),
        new("kill-and-sentinel-hang", "master killed, a sentinel hung", MasterFault.Kill, MasterFault.Hang),
    ];

    /// <summary>Brings it about.</summary>
    public async Task BringAboutAsync(SentinelTopology topology, CancellationToken cancellationToken)
    {
        if (FirstSentinel is { } fault)
            await (fault == MasterFault.Hang ? topology.Sentinels[0].HangAsync() : topology.Sentinels[0].KillAsync());
        await topology.CauseAsync(Master, cancellationToken);
    }

    public override string ToString() => Name;
}
