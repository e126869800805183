namespace ConvoyRedis.Tool.Drill;

/// <summary>The time around an outage, cut into equal parts, with the writes that ended in each.</summary>
internal sealed class OutageWindow
{
    /// <summary>How much is shown before the fault and after the first write, as a share of the time between them.</summary>
    private const double Margin = 0.35;

    /// <summary>What is shown at least, so that single writes do not fill it.</summary>
    private const double ShortestMs = 40;

    private readonly int[] _acknowledged;
    private readonly int[] _failed;

    public OutageWindow(DrillReport report, int parts)
    {
        var span = Math.Max(report.FirstWriteMs, ShortestMs);
        (From, To) = (-Margin * span, (1 + Margin) * span);
        (_acknowledged, _failed) = (new int[parts], new int[parts]);
        foreach (var (ms, isAcknowledged) in report.Ends.Where(end => end.Ms >= From && end.Ms < To))
            (isAcknowledged ? _acknowledged : _failed)[PartOf(ms)]++;
    }

    /// <summary>When it begins, in milliseconds after the fault.</summary>
    public double From { get; }

    /// <summary>When it ends.</summary>
    public double To { get; }

    public IReadOnlyList<int> Acknowledged => _acknowledged;

    public IReadOnlyList<int> Failed => _failed;

    /// <summary>The part that a time is in.</summary>
    public int PartOf(double ms) => Math.Clamp((int)((ms - From) / (To - From) * _acknowledged.Length), 0, _acknowledged.Length - 1);
}
