using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Architecture;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The deployments in deploy/, as their YAML says.</summary>
internal static partial class DeployFiles
{
    private const int Pods = 3;

    public static string Root { get; } = Path.Combine(SourceTree.Root, "deploy");

    /// <summary>The documents of a file, with anchors and merge keys resolved.</summary>
    public static IReadOnlyList<YamlNode> Load(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Root, file));
        stream.Load(new MergingParser(new Parser(reader)));
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>The object of a kind and a name.</summary>
    public static YamlNode Object(string file, string kind, string name) =>
        Load(file).Single(document => Text(document["kind"]) == kind && Text(document["metadata"]["name"]) == name);

    /// <summary>compose.yaml, with compose.tls.yaml on top of it or without.</summary>
    public static DeployedFiles Compose(bool tls)
    {
        var services = Map(Load("compose/compose.yaml")[0]["services"]);
        var over = tls ? Map(Load("compose/compose.tls.yaml")[0]["services"]) : [];
        return Deployment(services.Where(service => service.Key != "sample").Select(service => Server(service.Key)), Environment("sample"));

        DeployedServer Server(string name) => new(Path.GetFileName(Text(services[name]["command"][1])), Environment(name));

        Dictionary<string, string> Environment(string name)
        {
            var environment = Map(services[name]["environment"]);
            if (over.TryGetValue(name, out var added))
                environment = new(environment.Concat(Map(added["environment"])));
            return environment.ToDictionary(variable => variable.Key, variable => Text(variable.Value));
        }
    }

    /// <summary>kubernetes/redis.yaml and kubernetes/sample.yaml.</summary>
    public static DeployedFiles Kubernetes()
    {
        var containers = Items(Object("kubernetes/redis.yaml", "StatefulSet", "redis")["spec"]["template"]["spec"]["containers"]);
        var sample = Object("kubernetes/sample.yaml", "Deployment", "sample")["spec"]["template"]["spec"]["containers"][0];
        var servers =
            from container in containers
            from pod in Enumerable.Range(0, Pods)
            select new DeployedServer(Path.GetFileName(Text(container["command"][1])), Environment(container, $"redis-{pod}"));
        return Deployment(servers, Environment(sample, "sample"));
    }

    public static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    public static Dictionary<string, YamlNode> Map(YamlNode node) => ((YamlMappingNode)node).Children.ToDictionary(entry => Text(entry.Key), entry => entry.Value);

    public static IReadOnlyList<YamlNode> Items(YamlNode node) => [.. ((YamlSequenceNode)node).Children];

    private static DeployedFiles Deployment(IEnumerable<DeployedServer> servers, IReadOnlyDictionary<string, string> client)
    {
        var scripts = servers.ToLookup(server => server.Script);
        return new DeployedFiles([.. scripts["node.sh"]], [.. scripts["sentinel.sh"]], client);
    }

    // As Kubernetes does: a variable may contain those before it.
    private static Dictionary<string, string> Environment(YamlNode container, string pod)
    {
        var environment = new Dictionary<string, string>();
        foreach (var variable in Items(container["env"]).Select(Map))
        {
            var value = variable.TryGetValue("value", out var written) ? Text(written)
                : Text(variable["valueFrom"]["fieldRef"]["fieldPath"]) == "metadata.name" ? pod : "default";
            environment[Text(variable["name"])] = Reference().Replace(value, reference => environment[reference.Groups[1].Value]);
        }

        return environment;
    }

    [GeneratedRegex(@"\$\((\w+)\)")]
    private static partial Regex Reference();
}
