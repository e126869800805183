using System.CommandLine;
using ConvoyRedis.Client;
using ConvoyRedis.Tool.CommandLine;
using ConvoyRedis.Tool.Survey;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace ConvoyRedis.Tool.Watch;

/// <summary><c>convoy-redis watch</c>: who is what, who lags, what sentinels or shards do, and what the library makes of it, as it happens.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan SurveyPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrawPeriod = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var input = new SettingsInput();
        var duration = DurationOption.Create("--for", "Stop after this time, for example 30s or 5m. Default: until Ctrl+C.");
        var quiet = QuietOption.Create("Write only changes: a line for each change and event, also in a terminal.");
        var command = new ToolCommand("watch", "Shows the configured deployment live, and what a connection of the library does in a failover.")
        {
            Details = "It shows roles, lag, memory, operations, the sentinels and their events, and the shards of a cluster. If the output is not a terminal, it "
                + "writes a line for each change.",
            Examples =
            [
                ("convoy-redis watch", "shows the deployment until Ctrl+C"),
                ("convoy-redis watch --for 5m > failover.log", "writes a line for each change, for five minutes"),
                ("convoy-redis watch --quiet", "writes only changes and events"),
            ],
        };
        command.Options.Add(duration);
        command.Options.Add(quiet);
        input.AddTo(command);
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(async () =>
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (parsed.GetValue(duration) is { } limit)
                end.CancelAfter(limit);
            await RunAsync(input.Load(parsed).Resolve(), parsed.GetValue(quiet), end.Token);
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task RunAsync(ConvoyRedisTarget target, bool isQuiet, CancellationToken cancellationToken)
    {
        var events = new EventStream();
        using var logs = LoggerFactory.Create(logging => logging.AddProvider(new LibraryLog(events)).AddFilter("StackExchange", LogLevel.None));
        using var surveyor = new Surveyor(target, Surveyor.DefaultPatience);
        await using var connection = new ConvoyRedisConnection(target, logs);
        connection.MasterChanged += (_, move) => ShowMove(events, move);
        var listening = SentinelEvents.ListenAsync(surveyor, target, events, cancellationToken);
        if (AnsiConsole.Profile.Out.IsTerminal && !isQuiet)
        {
            connection.Start();
            await DrawAsync(surveyor, connection, events, cancellationToken);
        }
        else
        {
            var lines = new WatchLines(Console.Out, isQuiet);
            events.Added += lines.Show;
            connection.Start();
            await SurveyAsync(surveyor, lines.Show, cancellationToken);
        }

        await listening;
    }

    // The log says who follows whom; of a cluster's masters, the shard is known from the event alone.
    private static void ShowMove(EventStream events, MasterChangedEventArgs move)
    {
        if (move.Slots.Count > 0)
            events.Add(LibraryLog.Source, $"Shard {SlotText.Of(move.Slots)}: {move.Previous} -> {move.Current} ({move.Cause}, epoch {move.Epoch})");
    }

    private static async Task DrawAsync(Surveyor surveyor, ConvoyRedisConnection connection, EventStream events, CancellationToken cancellationToken)
    {
        DeploymentSurvey? last = null;
        var surveying = SurveyAsync(surveyor, survey => Volatile.Write(ref last, survey), cancellationToken);
        var first = WatchScreen.Draw(new WatchView(null, connection, []), AnsiConsole.Profile);
        await AnsiConsole.Live(first).Overflow(VerticalOverflow.Crop).StartAsync(async screen =>
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                screen.UpdateTarget(WatchScreen.Draw(new WatchView(Volatile.Read(ref last), connection, events.Events), AnsiConsole.Profile));
                await Task.Delay(DrawPeriod, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
        await surveying;
    }

    private static async Task SurveyAsync(Surveyor surveyor, Action<DeploymentSurvey> show, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(SurveyPeriod);
            do
            {
                show(await surveyor.AskAsync([], cancellationToken));
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }
}
