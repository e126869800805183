using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Client.Tests.Docs;
using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Client.IntegrationTests.Deploy;

/// <summary>
/// A deployment of deploy/ as processes: its scripts and configurations, with loopback for its host names, a port of its own for each server, and a
/// shorter down-after. Everything else is as it is there.
/// </summary>
internal sealed class DeployedLab : IAsyncDisposable
{
    /// <summary>A password that must be quoted in configurations.</summary>
    private const string Password = "a \"quoted\" \\password";

    private static readonly (string Deployed, string Here)[] Lines =
    [
        ("bind 0.0.0.0", "bind 127.0.0.1"),
        ("down-after-milliseconds convoy-redis 10000", "down-after-milliseconds convoy-redis 1000"),
        ("failover-timeout convoy-redis 30000", "failover-timeout convoy-redis 5000"),
    ];

    private readonly LabDirectory _directory = new();
    private readonly Dictionary<string, int> _nodePorts;
    private readonly Dictionary<string, int> _sentinelPorts;
    private readonly Dictionary<int, Process> _processes = [];
    private readonly DeployedFiles _files;
    private readonly string _passwordFile;
    private readonly string _tls;

    private DeployedLab(DeployedFiles files)
    {
        _files = files;
        using var ports = FreePorts().GetEnumerator();
        _nodePorts = files.Nodes.ToDictionary(node => node.Host, _ => Next(ports));
        _sentinelPorts = files.Sentinels.ToDictionary(sentinel => sentinel.Host, _ => Next(ports));
        var own = _directory.CreateSubdirectory("files");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(DeployFiles.Root, "redis")))
        {
            var text = Lines.Aggregate(File.ReadAllText(file), (text, line) => text.Replace(line.Deployed, line.Here, StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(own, Path.GetFileName(file)), text);
        }

        _passwordFile = Path.Combine(own, "password");
        _tls = Path.Combine(own, "tls");
        File.WriteAllText(_passwordFile, Password + "\n");
        Files = own;
    }

    /// <summary>The ports of the nodes, the first master's first.</summary>
    public IReadOnlyList<int> Nodes => [.. _nodePorts.Values];

    /// <summary>The environment of the service.</summary>
    public IReadOnlyDictionary<string, string> Client { get; private set; } = new Dictionary<string, string>();

    private string Files { get; }

    private string[] TlsOptions => Directory.Exists(_tls) ? ["--tls", "--cacert", Path.Combine(_tls, "ca.pem")] : [];

    /// <summary>Starts it, and waits until it could fail over.</summary>
    public static async Task<DeployedLab> StartAsync(DeployedFiles files, CancellationToken cancellationToken)
    {
        var lab = new DeployedLab(files);
        try
        {
            if (files.Nodes[0].Environment.ContainsKey("TLS_DIRECTORY"))
                await lab.CreateCertificatesAsync(cancellationToken);
            lab.Client = lab.ClientEnvironment();
            foreach (var node in files.Nodes)
                lab.StartNode(lab._nodePorts[node.Host]);

            // A sentinel looks at a replica's link when it first meets it, and then every 10 s.
            foreach (var replica in lab.Nodes.Skip(1))
                await UntilAsync(() => lab.NodeAsync(lab.Nodes[0], "info", "replication"), $"port={replica},state=online", cancellationToken);
            foreach (var sentinel in files.Sentinels)
                lab.Start(sentinel, lab._sentinelPorts[sentinel.Host]);
            await UntilAsync(() => lab.SentinelAsync("ckquorum", "convoy-redis"), "OK 3 usable", cancellationToken);
            await UntilAsync(() => lab.SentinelAsync("master", "convoy-redis"), "num-slaves\n2", cancellationToken);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the node of a port, for the first time or again.</summary>
    public void StartNode(int port) => Start(NodeOf(port), port);

    /// <summary>Kills the node of a port.</summary>
    public async Task KillNodeAsync(int port, CancellationToken cancellationToken)
    {
        _processes[port].Kill();
        await _processes[port].WaitForExitAsync(cancellationToken);
    }

    /// <summary>Runs a script of a node as its container does; gives how it ended.</summary>
    public Task<int> RunAsync(string script, int port) => ExitCodeAsync("sh", [Path.Combine(Files, script)], Environment(NodeOf(port), port));

    /// <summary>Lets the sentinels ask and tell more often, where they can be told to (Redis 7.0), after a failover: a former master is a replica sooner.</summary>
    public Task HastenAsync() => Task.WhenAll(
        _sentinelPorts.Values.Select(port => CliAsync(port, "", ["sentinel", "debug", "info-period", "500", "publish-period", "500"])));

    /// <summary>What a node answers.</summary>
    public Task<string> NodeAsync(int port, params string[] command) => CliAsync(port, Password, command);

    /// <summary>What the first sentinel answers.</summary>
    public Task<string> SentinelAsync(params string[] command) => CliAsync(_sentinelPorts.Values.First(), "", ["sentinel", .. command]);

    /// <summary>What each sentinel answers.</summary>
    public Task<string[]> SentinelsAsync(params string[] command) =>
        Task.WhenAll(_sentinelPorts.Values.Select(port => CliAsync(port, "", ["sentinel", .. command])));

    public async ValueTask DisposeAsync()
    {
        await _directory.DisposeAsync();
        foreach (var process in _processes.Values)
            process.Dispose();
    }

    // Below those of the topologies of other tests, which are below those of outgoing connections.
    private static IEnumerable<int> FreePorts()
    {
        var ports = Enumerable.Range(5_000, 7_000).ToArray();
        Random.Shared.Shuffle(ports);
        return ports.Where(IsFree);
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Next(IEnumerator<int> ports)
    {
        Assert.True(ports.MoveNext());
        return ports.Current;
    }

    private async Task CreateCertificatesAsync(CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", [Path.Combine(DeployFiles.Root, "compose", "certificates.sh"), _tls]) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task UntilAsync(Func<Task<string>> ask, string answer, CancellationToken cancellationToken) =>
        await Eventually.TrueAsync(async () => (await ask()).ReplaceLineEndings("\n").Contains(answer, StringComparison.Ordinal), cancellationToken);

    private DeployedServer NodeOf(int port) => _files.Nodes.Single(node => _nodePorts[node.Host] == port);

    private void Start(DeployedServer server, int port)
    {
        var data = Path.Combine(Path.GetDirectoryName(Files)!, $"{port}");
        var start = new ProcessStartInfo("sh", ["-c", "exec sh \"$0\" >>log 2>&1 </dev/null", Path.Combine(Files, server.Script)])
        {
            WorkingDirectory = Directory.CreateDirectory(data).FullName,
        };
        foreach (var (name, value) in Environment(server, port))
            start.Environment[name] = value;
        _processes[port] = Process.Start(start)!;
    }

    private Dictionary<string, string> Environment(DeployedServer server, int port)
    {
        var first = server.Environment["FIRST_MASTER"];
        var environment = new Dictionary<string, string>(server.Environment)
        {
            ["HOST"] = "127.0.0.1",
            ["FIRST_MASTER"] = "127.0.0.1",
            ["FIRST_MASTER_PORT"] = $"{_nodePorts[first]}",
            ["NODE_PORT"] = $"{port}",
            ["SENTINEL_PORT"] = $"{(_sentinelPorts.TryGetValue(server.Host, out var beside) ? beside : port)}",
            ["SENTINELS"] = string.Join(',', server.Environment["SENTINELS"].Split(',').Select(sentinel => $"127.0.0.1:{_sentinelPorts[sentinel.Split(':')[0]]}")),
            ["PASSWORD_FILE"] = _passwordFile,
            ["DATA"] = Path.Combine(Path.GetDirectoryName(Files)!, $"{port}"),
        };
        if (environment.ContainsKey("TLS_DIRECTORY"))
            environment["TLS_DIRECTORY"] = _tls;
        return environment;
    }

    // The hosts of a service are those of the sentinels, or the beginnings of their names.
    private Dictionary<string, string> ClientEnvironment()
    {
        var environment = _files.Client.Where(variable => variable.Key != "CONVOY_REDIS_PORT").ToDictionary();
        environment["CONVOY_REDIS_HOST"] = string.Join(',', environment["CONVOY_REDIS_HOST"].Split(',')
            .Select(host => $"127.0.0.1:{_sentinelPorts.Single(sentinel => $"{sentinel.Key}.".StartsWith($"{host}.", StringComparison.Ordinal)).Value}"));
        environment["CONVOY_REDIS_PASSWORD_FILE"] = _passwordFile;
        if (environment.ContainsKey("CONVOY_REDIS_TLS_CA_CERT_FILE"))
        {
            environment["CONVOY_REDIS_TLS_CA_CERT_FILE"] = Path.Combine(_tls, "ca.pem");
            environment["CONVOY_REDIS_TLS_SERVER_NAME"] = _files.Nodes[0].Host;
        }

        return environment;
    }

    private async Task<string> CliAsync(int port, string password, string[] command)
    {
        var start = new ProcessStartInfo("redis-cli", [.. TlsOptions, "-h", "127.0.0.1", "-p", $"{port}", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (password.Length > 0)
            start.Environment["REDISCLI_AUTH"] = password;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return await output + await error;
    }

    private static async Task<int> ExitCodeAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
