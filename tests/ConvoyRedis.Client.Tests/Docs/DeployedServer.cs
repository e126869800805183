namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>A server of a deployment of deploy/.</summary>
/// <param name="Script">The script that starts it.</param>
/// <param name="Environment">Its environment.</param>
internal sealed record DeployedServer(string Script, IReadOnlyDictionary<string, string> Environment)
{
    public string Host => Environment["HOST"];
}
