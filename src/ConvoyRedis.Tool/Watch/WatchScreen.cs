using System.Globalization;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ConvoyRedis.Tool.Watch;

/// <summary>Draws what is seen at one moment, within 80 columns, with as many events as the terminal has room for.</summary>
internal static class WatchScreen
{
    private const int FewestEvents = 4;

    /// <summary>How much narrower than the terminal a wrapped line may be: the time is beside it, and words are not cut.</summary>
    private const int Unused = 32;

    private static readonly Style Heading = new(decoration: Decoration.Bold);

    public static IRenderable Draw(WatchView view, Profile terminal)
    {
        // Above the events: the deployment, the phase, a blank line.
        var used = Lines(view.Connection.Target.ToString(), terminal) + 2;
        var parts = new List<IRenderable>
        {
            Markup.FromInterpolated(CultureInfo.InvariantCulture, $"[bold]{view.Connection.Target}[/]"),
            Markup.FromInterpolated(CultureInfo.InvariantCulture, $"[grey]{DateTime.Now:HH:mm:ss}[/] connection: [bold {PhaseColor(view)}]{view.Phase}[/]"),
            Text.Empty,
        };
        void Add(Table table)
        {
            parts.Add(table);
            parts.Add(Text.Empty);
            used += table.Rows.Count + 2;
        }

        if (view.Survey is { } survey)
        {
            Add(Nodes(survey));
            if (survey.Cluster is { } cluster)
                Add(Shards(survey, cluster));
            if (survey.Sentinels.Count > 0)
                Add(Sentinels(survey));
        }

        parts.Add(Events(LastEvents(view.Events, terminal.Height - used - 1, terminal)));
        return new Rows(parts);
    }

    private static IEnumerable<WatchedEvent> LastEvents(IReadOnlyList<WatchedEvent> events, int room, Profile terminal)
    {
        var count = 0;
        foreach (var happened in events.Reverse())
        {
            room -= Lines($"{Time(happened)} {happened.Text}{Times(happened)}", terminal);
            if (room < 0 && count >= FewestEvents)
                break;
            count++;
        }

        return events.TakeLast(count);
    }

    // A long text goes on below its beginning, and not below the time.
    private static Grid Events(IEnumerable<WatchedEvent> events)
    {
        var grid = new Grid().AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 1, 0) }).AddColumn(new GridColumn { Padding = new Padding(0) });
        foreach (var happened in events)
        {
            grid.AddRow(new Text(Time(happened), new Style(Color.Grey)), Markup.FromInterpolated(CultureInfo.InvariantCulture,
                $"[{(happened.Source == LibraryLog.Source ? "teal" : "default")}]{happened.Text}[/][grey]{Times(happened)}[/]"));
        }

        return grid;
    }

    private static string Time(WatchedEvent happened) => happened.At.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static string Times(WatchedEvent happened) => happened.Times > 1 ? $" (× {happened.Times})" : "";

    private static int Lines(string text, Profile terminal) =>
        text.Length <= terminal.Width ? 1 : 1 + (text.Length / Math.Max(1, terminal.Width - Unused));

    private static Table Nodes(DeploymentSurvey survey)
    {
        var table = Columns("node", "role", "lag", "memory", "ops/s", "clients");
        foreach (var node in survey.Nodes)
        {
            table.AddRow(Said(survey, $"{node.Endpoint}"), State(Shown(survey, WatchView.State(node)), isGood: node is { Fault: null, WriteRefusal: null }),
                Said(survey, WatchView.Lag(node)), new Text(WatchView.Memory(node)), Said(survey, node.Info?["instantaneous_ops_per_sec"]),
                Said(survey, node.Info?["connected_clients"]));
        }

        return table;
    }

    private static Table Shards(DeploymentSurvey survey, ClusterSurvey cluster)
    {
        var table = Columns("shard", "master", "epoch", "replicas up");
        foreach (var master in cluster.Masters)
        {
            table.AddRow(new Text(SlotText.Of(master.Slots)), State(Shown(survey, cluster.Describe(master)), isGood: !cluster.IsDown(master)),
                new Text($"{master.ConfigEpoch}"), new Text(WatchView.Replicas(cluster, master)));
        }

        return table;
    }

    private static Table Sentinels(DeploymentSurvey survey)
    {
        var table = Columns("sentinel", "master", "flags", "epoch", "replicas");
        foreach (var sentinel in survey.Sentinels)
        {
            var state = Shown(survey, WatchView.State(sentinel));
            table.AddRow(new Text(sentinel.Endpoint.ToString()), new Text($"{sentinel.NamedMaster}"), State(state, isGood: state == "master"),
                Said(survey, sentinel.Master.Field("config-epoch")), new Text(sentinel.Fault is null ? $"{sentinel.Replicas.Count}" : ""));
        }

        return table;
    }

    private static string Shown(DeploymentSurvey survey, string text) => ServerText.Shown(text, survey.Target);

    private static Text Said(DeploymentSurvey survey, string? text) => new(Shown(survey, text ?? ""));

    private static Table Columns(params string[] names)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var name in names)
            table.AddColumn(new TableColumn(new Text(name, Heading)).Padding(0, 0, name == names[^1] ? 0 : 2, 0));
        return table;
    }

    private static Text State(string state, bool isGood) =>
        new(state.Replace(",", ", ", StringComparison.Ordinal), new Style(isGood ? Color.Green : Color.Red));

    private static string PhaseColor(WatchView view) => view.Connection.Phase == Client.ConvoyRedisPhase.Following ? "green" : "olive";
}
