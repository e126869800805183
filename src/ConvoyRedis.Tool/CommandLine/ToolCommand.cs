using System.CommandLine;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">The word on the command line.</param>
/// <param name="description">What it does, in a sentence or two: the list of the commands shows it too.</param>
internal sealed class ToolCommand(string name, string description) : Command(name, description)
{
    /// <summary>What the list of the commands need not show.</summary>
    public string? Details { get; init; }

    /// <summary>Command lines, each with what it does.</summary>
    public required IReadOnlyList<(string Line, string What)> Examples { get; init; }
}
