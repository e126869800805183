using System.Globalization;

namespace ConvoyRedis.Tool.Drill;

/// <summary>What a report says, in words: the same in the terminal and in a file.</summary>
/// <param name="report">The report.</param>
internal sealed class DrillFacts(DrillReport report)
{
    /// <summary>What was done, and to whom.</summary>
    public string Fault => $"{Describe(report.Fault, report.Slots)} at {report.OldMaster}";

    /// <summary>Who replaced whom; null where the shard need not be named.</summary>
    public string? Shard => report.Slots is { } slots ? $"{report.NewMaster} replaced {report.OldMaster} as the master of slots {slots}." : null;

    /// <summary>What happened, in order, with the time after the fault.</summary>
    public IReadOnlyList<(string What, string After)> Timeline
    {
        get
        {
            var events = new List<(string What, double Ms)>
            {
                ($"fault: {Fault}", 0),
                ($"promotion: {report.NewMaster} says that it is the master", report.PromotionMs),
                ("first acknowledged write on the new master", report.FirstWriteMs),
            };
            if (report.RedirectMs is { } redirect)
                events.Add(("redirect: the connection reports the new master", redirect));
            if (report.AnnouncedMs is { } announced)
                events.Add(("the sentinels announce it (other clients now move too)", announced));
            return [.. events.OrderBy(happened => happened.Ms).Select(happened => (happened.What, Ms(happened.Ms)))];
        }
    }

    /// <summary>The figures; the first one is what the drill is for.</summary>
    public IReadOnlyList<(string Figure, string Value)> Figures =>
    [
        ("from the promotion to the first write", Ms(report.LagMs)),
        ("longest time without an acknowledged write", Ms(report.OutageMs)),
        ("longest time in one call", Ms(report.LongestCallMs)),
        ("writes acknowledged", Number(report.Acknowledged)),
        ("writes failed", Number(report.Failed)),
        ("writes acknowledged by the old master and lost with it", Number(report.Lost)),
        ("writes acknowledged and applied twice", Number(report.Repeated)),
    ];

    /// <summary>What is done to the master, as Redis and the operating system call it.</summary>
    /// <param name="fault">What is done.</param>
    /// <param name="slots">The shard's slots; null outside a cluster.</param>
    public static string Describe(DrillFault fault, string? slots) => fault switch
    {
        DrillFault.Kill => "kill -9",
        DrillFault.Hang => "SIGSTOP",
        DrillFault.Moves => "FAILOVER",
        DrillFault.Silent => "silence",
        _ => slots is null ? "SENTINEL FAILOVER" : "CLUSTER FAILOVER",
    };

    private static string Ms(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N1} ms");

    private static string Number(int number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
