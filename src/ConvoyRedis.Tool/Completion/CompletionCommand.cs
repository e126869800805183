using System.CommandLine;
using ConvoyRedis.Tool.CommandLine;

namespace ConvoyRedis.Tool.Completion;

/// <summary><c>convoy-redis completion</c>: the script that lets a shell complete commands, options and their values.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { HelpName = "shell", Description = $"The shell: {string.Join(", ", CompletionScripts.All.Keys)}." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        var command = new ToolCommand("completion", "Writes a script with which bash, zsh or fish completes commands, options and values.")
        {
            Examples =
            [
                ("source <(convoy-redis completion bash)", "add this line to ~/.bashrc"),
                ("source <(convoy-redis completion zsh)", "add this line to ~/.zshrc, after compinit"),
                ("convoy-redis completion fish > ~/.config/fish/completions/convoy-redis.fish", "run this once"),
            ],
        };
        command.Arguments.Add(shell);
        command.SetAction(parsed =>
        {
            Console.Out.Write(CompletionScripts.All[parsed.GetRequiredValue(shell)]);
            return ExitCode.Ok;
        });
        return command;
    }
}
