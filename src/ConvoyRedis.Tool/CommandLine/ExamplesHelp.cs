using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>The help of System.CommandLine, followed by details, examples and the exit codes.</summary>
/// <param name="rootExamples">The examples of the command itself.</param>
internal sealed class ExamplesHelp(IReadOnlyList<(string Line, string What)> rootExamples) : SynchronousCommandLineAction
{
    /// <summary>What is not written to a terminal is as wide as one.</summary>
    private const int Width = 80;

    private const string Indent = "  ";

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var width = Console.IsOutputRedirected ? Width : Math.Max(Console.WindowWidth, Width / 2);
        new HelpAction { MaxWidth = width }.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command as ToolCommand;
        if (command?.Details is { } details)
            Write(output, details, width, Indent);
        output.WriteLine("Examples:");
        foreach (var (line, what) in command?.Examples ?? rootExamples)
        {
            output.WriteLine($"{Indent}{line}");
            Write(output, what, width, "      ");
        }

        output.WriteLine();
        output.WriteLine("Exit codes:");
        foreach (var (code, meaning) in ExitCode.Meanings)
            Write(output, meaning, width, $"{Indent}{code,-5}");
        return ExitCode.Ok;
    }

    // The first line begins with the text, the others with as many blanks.
    private static void Write(TextWriter output, string text, int width, string beginning)
    {
        var line = beginning;
        foreach (var word in text.Split(' '))
        {
            if (line.Length > beginning.Length && line.Length + 1 + word.Length > width)
            {
                output.WriteLine(line);
                line = new string(' ', beginning.Length);
            }

            line += line.Length == beginning.Length ? word : $" {word}";
        }

        output.WriteLine(line);
        if (beginning == Indent)
            output.WriteLine();
    }
}
