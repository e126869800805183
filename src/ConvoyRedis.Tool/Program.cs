using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ConvoyRedis.Tool.Check;
using ConvoyRedis.Tool.CommandLine;
using ConvoyRedis.Tool.Completion;
using ConvoyRedis.Tool.Config;
using ConvoyRedis.Tool.Drill;
using ConvoyRedis.Tool.Watch;

NoColor.Honour();
var root = new RootCommand("Checks, watches and fails over the Redis deployment that Convoy's settings describe, and shows how the settings resolve.")
{
    ConfigCommand.Create(),
    CheckCommand.Create(),
    WatchCommand.Create(),
    DrillCommand.Create(),
    CompletionCommand.Create(),
};
root.Options.Remove(root.Options.OfType<HelpOption>().Single());
root.Options.Add(new HelpOption("--help", "-h")
{
    Recursive = true,
    Action = new ExamplesHelp(
    [
        ("convoy-redis config", "shows the settings, and where each came from"),
        ("convoy-redis check", "checks every node and sentinel, and says what to do"),
        ("convoy-redis drill --lab", "starts a deployment on this machine, and tries a failover there"),
        ("convoy-redis check --help", "shows the options and examples of a command"),
    ]),
});

var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction wrong)
{
    wrong.ShowHelp = args.Length == 0;
    await parsed.InvokeAsync();
    Console.Error.WriteLine($"Try: {string.Join(' ', CommandWords(parsed.CommandResult))} --help");
    return ExitCode.WrongInput;
}

// What nobody expected ends the process with its stack trace, and not with the code of a warning.
return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

static IEnumerable<string> CommandWords(CommandResult result) =>
    result.Parent is CommandResult parent ? [.. CommandWords(parent), result.Command.Name] : ["convoy-redis"];
