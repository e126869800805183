namespace ConvoyRedis.Client.Nodes;

/// <summary>The steps of connecting to an address of a node, in order.</summary>
internal enum DialStage
{
    Connecting,
    Securing,
    LoggingIn,
}
