using System.Diagnostics;

namespace ConvoyRedis.Testing.Processes;

/// <summary>
/// The temporary directory of a topology, and the guardian that clears it away: a shell that waits for its standard input to end, which it
/// does when the directory is disposed, and also when this process dies in whatever way. Then it kills every server whose pid file
/// lies in the directory and removes the directory; in a container that has it mounted, this ends the container.
/// </summary>
internal sealed class LabDirectory : IAsyncDisposable
{
    /// <summary>The file, in the directory of a server, with its pid.</summary>
    public const string PidFile = "pid";

    // A pid may have been given to a stranger since: a server of ours has its working directory inside. So has a child that it forked to
    // write a file, which outlives it. Interrupts are for the others.
    private const string GuardianScript = $$"""
        trap '' INT TERM HUP
        cat >/dev/null
        attempts=50
        while [ $((attempts -= 1)) -ge 0 ]; do
            if [ -d /proc/self ]; then
                ls -l /proc/[0-9]*/cwd 2>/dev/null | while read -r link; do
                    case $link in *" -> $1/"*) link=${link#*/proc/} && kill -9 "${link%%/*}" 2>/dev/null ;; esac
                done
            else
                cat "$1"/*/{{PidFile}} 2>/dev/null | xargs kill -9 2>/dev/null
            fi
            rm -rf "$1" 2>/dev/null && exit
            sleep 0.1
        done
        """;

    private readonly Process _guardian;

    public LabDirectory()
    {
        Root = Directory.CreateTempSubdirectory("redis-lab-").FullName;
        var start = new ProcessStartInfo("sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-c", GuardianScript, "redis-lab-guardian", Root])
            start.ArgumentList.Add(argument);
        _guardian = Process.Start(start)!;
    }

    /// <summary>The directory's path.</summary>
    public string Root { get; }

    /// <summary>Makes a directory of this name in it, with a number behind it when there is one already.</summary>
    public string CreateSubdirectory(string name)
    {
        var path = Path.Combine(Root, name);
        for (var number = 2; Directory.Exists(path); number++)
            path = Path.Combine(Root, $"{name}-{number}");
        return Directory.CreateDirectory(path).FullName;
    }

    public async ValueTask DisposeAsync()
    {
        _guardian.StandardInput.Close();
        await _guardian.WaitForExitAsync().ConfigureAwait(false);
        _guardian.Dispose();
    }
}
