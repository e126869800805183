using System.Globalization;
using System.Text.RegularExpressions;
using ConvoyRedis.Client.Tests.Architecture;
using ConvoyRedis.Client.Tests.Configuration;
using YamlDotNet.RepresentationModel;
using static ConvoyRedis.Client.Tests.Docs.DeployFiles;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>The deployments in deploy/ agree with the guide, with the sample service, and in themselves. DeploymentTests starts them.</summary>
public sealed partial class DeploymentsTests
{
    private const string NodePort = "6379";
    private const string SentinelPort = "26379";

    // The guide's lines that are for its machines, or that the scripts write.
    private static readonly string[] NotTaken =
        [";;", "port ", "dir ", "logfile ", "requirepass ", "masterauth ", "maxmemory ", "sentinel monitor ", "sentinel auth-pass "];

    public static TheoryData<string> Deployments => ["compose", "compose with TLS", "kubernetes"];

    [Theory]
    [InlineData("redis.conf")]
    [InlineData("sentinel.conf")]
    public void Configuration_OfTheGuide_IsTaken(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Root, "redis", name));
        var guide = File.ReadAllLines(Path.Combine(SourceTree.Root, "src", "ConvoyRedis.Testing", "Guide", name))
            .Where(line => line.Length > 0 && !NotTaken.Any(start => line.StartsWith(start, StringComparison.Ordinal))).ToList();

        Assert.NotEmpty(guide);
        Assert.Empty(guide.Except(lines));
    }

    [Fact]
    public void MaxMemory_IsThreeQuartersOfWhatAContainerMayUse()
    {
        var configured = MaxMemory().Match(File.ReadAllText(Path.Combine(Root, "redis", "redis.conf"))).Groups[1].Value;
        var limit = Text(Container("redis.yaml", "StatefulSet", "redis", "redis")["resources"]["limits"]["memory"]);

        Assert.Equal(("1Gi", "1g"), (limit, Text(Load("compose/compose.yaml")[0]["services"]["redis-1"]["mem_limit"])));
        Assert.Equal(1024 * 3 / 4, int.Parse(configured, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Ports_OfServicesAndContainers_AreThoseOfTheScripts()
    {
        var scripts = File.ReadAllText(Path.Combine(Root, "redis", "settings.sh"));
        var service = Items(Object("kubernetes/redis.yaml", "Service", "redis")["spec"]["ports"]);
        var containers = Items(Object("kubernetes/redis.yaml", "StatefulSet", "redis")["spec"]["template"]["spec"]["containers"]);

        Assert.Contains($"${{NODE_PORT:={NodePort}}}", scripts, StringComparison.Ordinal);
        Assert.Contains($"${{SENTINEL_PORT:={SentinelPort}}}", scripts, StringComparison.Ordinal);
        Assert.Equal([NodePort, SentinelPort], service.Select(port => Text(port["port"])));
        Assert.Equal([NodePort, SentinelPort], containers.Select(container => Text(container["ports"][0]["containerPort"])));
    }

    [Fact]
    public void Probes_OfTheSample_AskWhatItHas()
    {
        var program = File.ReadAllText(Path.Combine(SourceTree.Root, "samples", "ConvoyRedis.Sample.Api", "Program.cs"));
        var container = Container("sample.yaml", "Deployment", "sample", "sample");
        var port = container["ports"][0];
        var path = Text(container["readinessProbe"]["httpGet"]["path"]);
        var names = new[]
        {
            container["readinessProbe"]["httpGet"]["port"], container["livenessProbe"]["tcpSocket"]["port"],
            Object("kubernetes/sample.yaml", "Service", "sample")["spec"]["ports"][0]["targetPort"],
        };

        Assert.Contains($"app.MapHealthChecks(\"{path}\"", program, StringComparison.Ordinal);
        Assert.All(names, name => Assert.Equal(Text(port["name"]), Text(name)));
        Assert.Equal(Kubernetes().Client["ASPNETCORE_HTTP_PORTS"], Text(port["containerPort"]));
        Assert.EndsWith(":" + Compose(tls: false).Client["ASPNETCORE_HTTP_PORTS"],
            Text(Load("compose/compose.yaml")[0]["services"]["sample"]["ports"][0]), StringComparison.Ordinal);
    }

    [Fact]
    public void Pods_OfKubernetes_HaveNoServiceLinks()
    {
        var documents = Load("kubernetes/redis.yaml").Concat(Load("kubernetes/sample.yaml")).ToList();
        var pods = documents.Select(document => Map(document["spec"])).Where(spec => spec.ContainsKey("template")).Select(spec => spec["template"]["spec"]).ToList();

        Assert.Equal(2, pods.Count);
        Assert.All(pods, pod => Assert.Equal("false", Text(pod["enableServiceLinks"])));
        Assert.All(documents.Where(document => Text(document["kind"]) == "Service"), service => Assert.NotEqual("convoy-redis", Text(service["metadata"]["name"])));
    }

    [Fact]
    public void Scripts_OfCommandsAndProbes_AreInTheConfigMap()
    {
        var files = Items(Load("redis/kustomization.yaml")[0]["configMapGenerator"][0]["files"]).Select(Text).ToList();
        var yaml = File.ReadAllText(Path.Combine(Root, "kubernetes", "redis.yaml")) + File.ReadAllText(Path.Combine(Root, "compose", "compose.yaml"));
        var run = Script().Matches(yaml).Select(match => match.Groups[1].Value).Distinct().ToList();

        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Root, "redis")).Select(Path.GetFileName).Where(file => file != "kustomization.yaml").Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));
        Assert.Equal(["hand-over.sh", "node.sh", "ready.sh", "sentinel.sh"], run.Order(StringComparer.Ordinal));
        Assert.Empty(run.Except(files));
    }

    [Fact]
    public void Mounts_OfPodsAndServices_AreWhereTheEnvironmentSays()
    {
        var redis = Object("kubernetes/redis.yaml", "StatefulSet", "redis")["spec"]["template"]["spec"]["containers"];
        var pods = Items(redis).Append(Container("sample.yaml", "Deployment", "sample", "sample"));
        var passwords = Kubernetes().Nodes.Concat(Kubernetes().Sentinels).Select(server => server.Environment["PASSWORD_FILE"]).Append(Kubernetes().Client["CONVOY_REDIS_PASSWORD_FILE"]);
        var over = Map(Load("compose/compose.tls.yaml")[0]["services"]);
        var services = Map(Load("compose/compose.yaml")[0]["services"]);

        Assert.All(pods, pod => Assert.Contains("/run/secrets/redis", Items(pod["volumeMounts"]).Select(mount => Text(mount["mountPath"]))));
        Assert.All(passwords, file => Assert.Equal("/run/secrets/redis/password", file));
        Assert.All(services.Values, service => Assert.Equal("redis-password", Text(service["secrets"][0])));
        Assert.Equal(services.Keys.Order(StringComparer.Ordinal), over.Keys.Order(StringComparer.Ordinal));
        Assert.All(over.Values, service =>
        {
            var directory = Text(Map(service["environment"]).Values.Single());
            Assert.Equal(directory, Text(service["volumes"][0]).Split(':')[1]);
        });
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Client_OfADeployment_HasTheSettingsOfItsSentinels(string name)
    {
        var deployment = Find(name);
        using var directory = new TemporaryDirectory();
        var variables = deployment.Client.Where(variable => variable.Key.StartsWith("CONVOY_", StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key, variable => (string?)(variable.Key == "CONVOY_REDIS_PASSWORD_FILE" ? directory.Write("password", "secret\n") : variable.Value));

        var target = Loading.Load(variables: variables).Resolve();

        Assert.Empty(target.Warnings);
        Assert.Equal((ConvoyRedisTopology.Sentinel, "convoy-redis", "secret"), (target.Topology, target.MasterName, target.Password));
        Assert.Equal(name == "compose with TLS", target.Tls);
        Assert.Equal((3, 3), (deployment.Nodes.Count, deployment.Sentinels.Count));
        Assert.All(target.Endpoints, endpoint => Assert.Contains(deployment.Sentinels,
            sentinel => sentinel.Host == endpoint.Host || sentinel.Host.StartsWith(endpoint.Host + ".", StringComparison.Ordinal)));
        Assert.Equal(deployment.Sentinels.Select(sentinel => $"{sentinel.Host}:{SentinelPort}"), deployment.Nodes[0].Environment["SENTINELS"].Split(','));
        Assert.All(target.Endpoints, endpoint => Assert.Equal(SentinelPort, endpoint.Port.ToString(CultureInfo.InvariantCulture)));
    }

    private static DeployedFiles Find(string name) => name == "kubernetes" ? Kubernetes() : Compose(name.EndsWith("TLS", StringComparison.Ordinal));

    private static YamlNode Container(string file, string kind, string name, string container) =>
        Items(Object($"kubernetes/{file}", kind, name)["spec"]["template"]["spec"]["containers"]).Single(item => Text(item["name"]) == container);

    [GeneratedRegex("^maxmemory ([0-9]+)mb$", RegexOptions.Multiline)]
    private static partial Regex MaxMemory();

    [GeneratedRegex(@"/etc/redis/([\w-]+\.sh)")]
    private static partial Regex Script();
}
