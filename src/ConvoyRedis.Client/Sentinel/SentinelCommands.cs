namespace ConvoyRedis.Client.Sentinel;

/// <summary>The commands to a sentinel about one master.</summary>
internal static class SentinelCommands
{
    /// <summary>The names and states of all masters that the sentinel monitors.</summary>
    public static string[] Masters => ["SENTINEL", "MASTERS"];

    /// <summary>The id by which other sentinels know this one.</summary>
    public static string[] Id => ["SENTINEL", "MYID"];

    /// <summary>The state of the master, and the settings under which it is monitored.</summary>
    public static string[] Master(string name) => ["SENTINEL", "MASTER", name];

    /// <summary>The address that clients must use. During a failover it may differ from the one in <see cref="Master"/>.</summary>
    public static string[] MasterAddress(string name) => ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name];

    /// <summary>The replicas of the master.</summary>
    public static string[] Replicas(string name) => ["SENTINEL", "REPLICAS", name];

    /// <summary>The other sentinels that monitor the master.</summary>
    public static string[] Sentinels(string name) => ["SENTINEL", "SENTINELS", name];

    /// <summary>Whether enough sentinels are reachable for a failover.</summary>
    public static string[] Quorum(string name) => ["SENTINEL", "CKQUORUM", name];

    /// <summary>Orders a planned failover.</summary>
    public static string[] Failover(string name) => ["SENTINEL", "FAILOVER", name];
}
