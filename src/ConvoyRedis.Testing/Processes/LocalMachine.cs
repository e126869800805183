using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace ConvoyRedis.Testing.Processes;

/// <summary>This machine: each server is a process on it.</summary>
/// <param name="server">The path of redis-server.</param>
/// <param name="sentinel">The path of what sentinels run.</param>
internal sealed class LocalMachine(string server, string sentinel) : LabMachine
{
    private readonly ConcurrentQueue<ServerProcess> _servers = [];
    private readonly Lazy<int> _majorVersion = new(() => RedisBinary.MajorVersion(server));

    public override bool HasClusterPort => _majorVersion.Value >= 7;

    public override IEnumerable<string> Listen(string host) => [$"bind {(IPAddress.TryParse(host, out _) ? host : IPAddress.Loopback)}"];

    public override Task<ServerProcess> StartServerAsync(string directory, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var binary = arguments.Contains(ServerConfiguration.Sentinel) ? sentinel : server;
        var process = Process.Start("sh", Command(LabDirectory.PidFile, directory, [binary, .. arguments]));
        var started = new ServerProcess(process.WaitForExitAsync(CancellationToken.None), async name =>
        {
            using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            return kill.ExitCode == 0;
        });
        _servers.Enqueue(started);
        return Task.FromResult(started);
    }

    protected override Task StopAsync() => Task.WhenAll(_servers.Select(server => server.KillAsync()));
}
