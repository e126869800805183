using System.Diagnostics;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>A fault of the master, and when it came, as <see cref="Stopwatch.GetTimestamp"/> counts.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="Begun">Before it was caused.</param>
/// <param name="Caused">When it had been caused.</param>
internal sealed record Outage(MasterFault Fault, long Begun, long Caused)
{
    /// <summary>Redis replicates asynchronously: what a master acknowledges in the last instant before a crash may be lost.</summary>
    private static readonly TimeSpan Unreplicated = TimeSpan.FromMilliseconds(200);

    public bool IsPlanned => Fault == MasterFault.Planned;

    /// <summary>Whether what was acknowledged then must still be there.</summary>
    public bool Keeps(Call call) => IsPlanned || Precedes(call) || call.Begun > Caused;

    /// <summary>Whether the call was over so long before the fault that a replica had its effect.</summary>
    public bool Precedes(Call call) => Stopwatch.GetElapsedTime(call.Ended, Begun) > Unreplicated;
}
