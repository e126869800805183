namespace ConvoyRedis.Tool.CommandLine;

/// <summary>What an exit code says; the same for every command. docs/operations.md has the same table.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Of <c>check</c>: the worst that it found is a warning.</summary>
    public const int Warnings = 1;

    public const int Failed = 2;

    /// <summary>Options or settings are wrong; standard error has every problem.</summary>
    public const int WrongInput = 3;

    /// <summary>As a shell has it: 128 and the number of SIGINT.</summary>
    public const int Interrupted = 130;

    /// <summary>Every code with what it means.</summary>
    public static IReadOnlyList<(int Code, string Meaning)> Meanings { get; } =
    [
        (Ok, "done; check: no problem was found"),
        (Warnings, "check: warnings, no failures"),
        (Failed, "check: failures; watch, drill: the deployment was not reached, or the drill failed"),
        (WrongInput, "wrong options or settings, or a file that cannot be written; standard error says what is wrong"),
        (Interrupted, "ended by Ctrl+C or SIGTERM before there was a result"),
    ];
}
