using System.Runtime.InteropServices;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>Standard output as a pipe.</summary>
internal static class OutputPipe
{
    /// <summary>SIGPIPE, which has this number on Linux and macOS. .NET ignores the signal, and drops what is written to a pipe that nobody reads.</summary>
    private const PosixSignal BrokenPipe = (PosixSignal)13;

    private static readonly CancellationTokenSource Abandonment = new();

    /// <summary>Cancelled when something was written and the reader had gone, as after <c>| head -1</c>. Never on Windows.</summary>
    public static CancellationToken Abandoned => Abandonment.Token;

    /// <summary>Has to be called for <see cref="Abandoned"/> to be cancelled, until the result is disposed.</summary>
    public static IDisposable? Watch() => OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(BrokenPipe, signal =>
    {
        signal.Cancel = true;
        Abandonment.Cancel();
    });
}
