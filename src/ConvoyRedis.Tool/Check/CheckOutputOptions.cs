using System.CommandLine;
using ConvoyRedis.Tool.CommandLine;

namespace ConvoyRedis.Tool.Check;

/// <summary>The options that say how and where <c>check</c> writes.</summary>
internal sealed class CheckOutputOptions
{
    private readonly Option<string?> _format = new("--format") { Description = "How to write the report. Default: text.", HelpName = "text|json|prometheus" };
    private readonly Option<bool> _json = new("--json") { Description = "The same as --format json: one JSON object, and nothing else; with --watch one on each line." };
    private readonly Option<string?> _output = new("--output", "-o")
    {
        Description = "Write to this file instead of standard output; readers see the former report or the new one.",
        HelpName = "file",
    };

    private readonly Option<bool> _quiet = QuietOption.Create("In text, write only what is wrong: nothing when all is well.");

    public CheckOutputOptions() => _format.AcceptOnlyFromAmong([.. Enum.GetNames<CheckFormat>().Select(name => name.ToLowerInvariant())]);

    public void AddTo(Command command)
    {
        command.Options.Add(_quiet);
        command.Options.Add(_format);
        command.Options.Add(_json);
        command.Options.Add(_output);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_format) is { } format and not "json")
                result.AddError($"--json and --format {format} contradict each other.");
            if (result.GetValue(_output) is { } file && OutputFile.Problem(_output.Name, file) is { } problem)
                result.AddError(problem);
        });
    }

    public CheckOutput Read(ParseResult parsed, bool isRepeated)
    {
        var format = parsed.GetValue(_json) ? CheckFormat.Json : Enum.TryParse<CheckFormat>(parsed.GetValue(_format), ignoreCase: true, out var given) ? given : CheckFormat.Text;
        return new CheckOutput(format, parsed.GetValue(_quiet), isRepeated, parsed.GetValue(_output));
    }
}
