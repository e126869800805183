namespace ConvoyRedis.Tool.CommandLine;

/// <summary>NO_COLOR (https://no-color.org): colours are off when the variable is there and not empty.</summary>
internal static class NoColor
{
    private const string Variable = "NO_COLOR";

    /// <summary>Spectre.Console turns colours off for an empty variable too; to be called before it is used.</summary>
    public static void Honour()
    {
        if (Environment.GetEnvironmentVariable(Variable) is "")
            Environment.SetEnvironmentVariable(Variable, null);
    }
}
