using System.Collections.ObjectModel;
using System.Diagnostics;

namespace ConvoyRedis.Tests;

/// <summary>A list that spans are added to while it is read.</summary>
internal sealed class SynchronizedSpans : Collection<Activity>
{
    private readonly Lock _gate = new();

    public Activity[] ToArray()
    {
        lock (_gate)
            return [.. Items];
    }

    protected override void InsertItem(int index, Activity item)
    {
        lock (_gate)
            base.InsertItem(Count, item);
    }
}
