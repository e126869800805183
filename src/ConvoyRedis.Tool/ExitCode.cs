namespace ConvoyRedis.Tool;

/// <summary>What the command's exit code says.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>It did not work.</summary>
    public const int Failed = 1;

    /// <summary>The settings are wrong; standard error tells every problem.</summary>
    public const int WrongSettings = 2;
}
