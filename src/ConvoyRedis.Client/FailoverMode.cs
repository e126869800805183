namespace ConvoyRedis.Client;

/// <summary>When the connection moves to a promoted replica.</summary>
public enum FailoverMode
{
    /// <summary>As soon as the candidate that the leading sentinel selected reports that it is a master.</summary>
    Eager,

    /// <summary>When a sentinel announces the new master with its epoch: about 0.9 s later than <see cref="Eager"/>.</summary>
    Announced,
}
