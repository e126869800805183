using System.Globalization;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ConvoyRedis.Tool.Watch;

/// <summary>Draws what is seen at one moment, within 80 columns.</summary>
internal static class WatchScreen
{
    private const int ShownEvents = 12;

    private static readonly Style Heading = new(decoration: Decoration.Bold);

    public static IRenderable Draw(WatchView view)
    {
        var parts = new List<IRenderable>
        {
            Markup.FromInterpolated(CultureInfo.InvariantCulture, $"[bold]{view.Connection.Target}[/]"),
            Markup.FromInterpolated(CultureInfo.InvariantCulture, $"[grey]{DateTime.Now:HH:mm:ss}[/] connection: [bold {PhaseColor(view)}]{view.Phase}[/]"),
            Text.Empty,
        };
        if (view.Survey is { } survey)
        {
            parts.Add(Nodes(survey));
            parts.Add(Text.Empty);
            if (survey.Cluster is { } cluster)
            {
                parts.Add(Shards(survey, cluster));
                parts.Add(Text.Empty);
            }

            if (survey.Sentinels.Count > 0)
            {
                parts.Add(Sentinels(survey));
                parts.Add(Text.Empty);
            }
        }

        foreach (var happened in view.Events.TakeLast(ShownEvents))
        {
            var times = happened.Times > 1 ? $" (× {happened.Times})" : "";
            parts.Add(Markup.FromInterpolated(CultureInfo.InvariantCulture,
                $"[grey]{happened.At:HH:mm:ss.fff}[/] [{(happened.Source == LibraryLog.Source ? "aqua" : "default")}]{happened.Text}[/][grey]{times}[/]"));
        }

        return new Rows(parts);
    }

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
        var table = Columns("sentinel", "master is", "names", "epoch", "replicas");
        foreach (var sentinel in survey.Sentinels)
        {
            var state = Shown(survey, WatchView.State(sentinel));
            table.AddRow(new Text(sentinel.Endpoint.ToString()), State(state, isGood: state == "master"), new Text($"{sentinel.NamedMaster}"),
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
            table.AddColumn(new TableColumn(new Text(name, Heading)).Padding(0, 0, 2, 0));
        return table;
    }

    private static Text State(string state, bool isGood) => new(state, new Style(isGood ? Color.Green : Color.Red));

    private static string PhaseColor(WatchView view) => view.Connection.Phase == Client.ConvoyRedisPhase.Following ? "green" : "yellow";
}
