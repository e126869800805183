namespace ConvoyRedis.Benchmarks.Connect;

/// <summary>What of three sentinels; whichever are not well stand first in the list.</summary>
internal enum SentinelsState
{
    AllWell,
    OneUnresolvable,
    OneHung,
    OneDead,
    TwoDead,
}
