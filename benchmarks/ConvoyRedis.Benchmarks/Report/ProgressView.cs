using Spectre.Console;

namespace ConvoyRedis.Benchmarks.Report;

/// <summary>How far a benchmark is: a bar on a terminal, lines elsewhere.</summary>
internal static class ProgressView
{
    public static Task RunAsync(string what, int steps, Func<Action<string>, Task> run)
    {
        // A bar that is not seen is drawn once a minute and more, and tells nobody what is being done.
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            var done = 0;
            return run(step => Console.WriteLine($"{what} {++done}/{steps}: {step}"));
        }

        return AnsiConsole.Progress().HideCompleted(true).AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(what, maxValue: steps);
                await run(step =>
                {
                    task.Description = Markup.Escape($"{what}: {step}");
                    task.Increment(1);
                });
            });
    }
}
