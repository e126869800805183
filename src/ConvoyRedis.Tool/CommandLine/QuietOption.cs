using System.CommandLine;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>The option for those who want to hear only what matters.</summary>
internal static class QuietOption
{
    public static Option<bool> Create(string description) => new("--quiet", "-q") { Description = description };
}
