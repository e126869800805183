using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace ConvoyRedis.Testing.Processes;

/// <summary>This machine: each server is a process on it.</summary>
internal sealed class LocalMachine(string binary) : LabMachine
{
    private readonly ConcurrentQueue<ServerProcess> _servers = [];

    public override IEnumerable<string> Listen(string host) => [$"bind {(IPAddress.TryParse(host, out _) ? host : IPAddress.Loopback)}"];

    public override Task<ServerProcess> StartServerAsync(string directory, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var process = Process.Start("sh", Command(LabDirectory.PidFile, directory, [binary, .. arguments]));
        var server = new ServerProcess(process.WaitForExitAsync(CancellationToken.None), async name =>
        {
            using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            return kill.ExitCode == 0;
        });
        _servers.Enqueue(server);
        return Task.FromResult(server);
    }

    protected override Task StopAsync() => Task.WhenAll(_servers.Select(server => server.KillAsync()));
}
