namespace ConvoyRedis.Tests;

/// <summary>What happens to a master.</summary>
public enum MasterFault
{
    Killed,
    Hung,
    Planned,
}
