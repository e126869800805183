namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>A part of <c>steady</c> that can be measured alone.</summary>
internal enum SteadyPart
{
    /// <summary>What commands cost.</summary>
    Cost,

    /// <summary>What a connection at rest asks of nodes.</summary>
    Rest,

    /// <summary>What callers notice of planned changes of a cluster.</summary>
    Changes,
}
