namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>A deployment of deploy/.</summary>
/// <param name="Nodes">Its nodes, the first master first.</param>
/// <param name="Sentinels">Its sentinels.</param>
/// <param name="Client">The environment of the sample service.</param>
internal sealed record DeployedFiles(
    IReadOnlyList<DeployedServer> Nodes, IReadOnlyList<DeployedServer> Sentinels, IReadOnlyDictionary<string, string> Client);
