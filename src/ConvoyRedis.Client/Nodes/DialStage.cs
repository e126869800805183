namespace ConvoyRedis.Client.Nodes;

/// <summary>The steps of connecting to a node, in order.</summary>
internal enum DialStage
{
    Resolving,
    Connecting,
    Securing,
    LoggingIn,
}
