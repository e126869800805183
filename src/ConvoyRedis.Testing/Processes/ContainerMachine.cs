using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using Microsoft.Extensions.Logging.Abstractions;
using Testcontainers.Redis;

namespace ConvoyRedis.Testing.Processes;

/// <summary>
/// A container, in which all servers of a topology run. Its ports are published one to one on the loopback address and the servers announce that
/// address, so that clients outside and servers inside go by the same names, also where the engine runs in a virtual machine.
/// </summary>
internal sealed class ContainerMachine : LabMachine
{
    private const string ImageVariable = "REDIS_TESTING_IMAGE";
    private const string DefaultImage = "redis:7.2";

    // Ports are published when the container starts; for servers that are added later.
    private const int SparePorts = 4;

    // A pid means nothing outside of the container: not by the name that the guardian looks for.
    private const string PidFile = "container-pid";

    // The guardian removes the marker, and with it ends the container; what the servers wrote may be only theirs to remove.
    private const string Marker = "in-use";
    private const string MainScript = $$"""
        clear() { kill -9 -1; rm -rf "$0"/*/*; }
        trap 'clear; exit' TERM
        while [ -e "$0/{{Marker}}" ]; do sleep 0.5 & wait $!; done
        clear
        """;

    private readonly List<(string Host, int Port)> _places = [];
    private readonly Queue<int> _sparePorts = [];
    private readonly List<string> _directories = [];
    private readonly List<TcpProxy> _links = [];
    private readonly Lazy<Task<RedisContainer>> _container;

    public ContainerMachine()
    {
        _directories.Add(Root);
        _container = new Lazy<Task<RedisContainer>>(StartContainerAsync);
    }

    public static bool HasEngine => TestcontainersSettings.OS.DockerEndpointAuthConfig is not null;

    private static string Image => Environment.GetEnvironmentVariable(ImageVariable) is { Length: > 0 } image ? image : DefaultImage;

    public override int NextPort(string host)
    {
        if (_container.IsValueCreated)
        {
            return _sparePorts.TryDequeue(out var spare) ? spare
                : throw new RedisStartException($"No port is left: a container reserves {SparePorts} for servers that are added later.");
        }

        var port = base.NextPort(host);
        _places.Add((host, port));
        return port;
    }

    public override void Share(string directory)
    {
        if (_container.IsValueCreated)
            throw new RedisStartException($"Cannot mount {directory}: the container is already running.");
        _directories.Add(directory);
    }

    // What comes in through a published port comes from elsewhere.
    public override IEnumerable<string> Listen(string host) => ["bind * -::*", "protected-mode no"];

    public override async Task<ServerProcess> StartServerAsync(string directory, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var container = await _container.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new ServerProcess(
            container.ExecAsync(["sh", .. Command(PidFile, directory, ["redis-server", .. arguments])], CancellationToken.None),
            async name => (await container.ExecAsync(["sh", "-c", $"read pid <'{directory}/{PidFile}' && kill -{name} $pid"], CancellationToken.None)
                .ConfigureAwait(false)).ExitCode == 0);
    }

    protected override async Task StopAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync().ConfigureAwait(false);
        if (!_container.IsValueCreated)
            return;
        await ((Task)_container.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_container.Value.IsCompletedSuccessfully)
            return;
        try
        {
            await _container.Value.Result.DisposeAsync().ConfigureAwait(false);
        }
        catch (DockerApiException)
        {
            // Once stopped it removes itself, perhaps before Testcontainers looks at it for the last time.
        }
    }

    private async Task<RedisContainer> StartContainerAsync()
    {
        for (var i = 0; i < SparePorts; i++)
            _sparePorts.Enqueue(FreePort.Next());
        await File.WriteAllTextAsync(Path.Combine(Root, Marker), "").ConfigureAwait(false);

        // The engine's own clearing up is not needed: the marker ends the container.
        var builder = new RedisBuilder(Image)
            .WithLogger(NullLogger.Instance)
            .WithEntrypoint("sh", "-c", MainScript, Root)
            .WithCommand(Array.Empty<string>())
            .WithAutoRemove(true)
            .WithCleanUp(false)
            .WithCreateParameterModifier(Confine)
            .WithWaitStrategy(Wait.ForUnixContainer());
        foreach (var directory in _directories)
            builder = builder.WithBindMount(directory, directory);
        foreach (var port in _places.Select(place => place.Port).Concat(_sparePorts))
            builder = builder.WithPortBinding(port, port);
        try
        {
            var container = builder.Build();
            await container.StartAsync().ConfigureAwait(false);

            // Engines publish on IPv4 alone.
            foreach (var (host, port) in _places)
            {
                if (IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6)
                    _links.Add(TcpProxy.Start(new IPEndPoint(address, port), IPAddress.Loopback.ToString(), port));
            }

            return container;
        }
        catch (Exception exception)
        {
            throw new RedisStartException($"Starting a container of {Image} failed (set {ImageVariable} to use another image): {exception.Message}", exception);
        }
    }

    // Nobody but this machine reaches the ports, and SELinux lets the container at the directories.
    private static void Confine(CreateContainerParameters parameters)
    {
        var host = parameters.HostConfig!;
        foreach (var binding in host.PortBindings.Values.SelectMany(bindings => bindings))
            binding.HostIP = IPAddress.Loopback.ToString();
        host.SecurityOpt = ["label=disable"];
    }
}
