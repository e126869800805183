using System.Globalization;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Watch;

/// <summary>The same as plain lines, for logs and pipes: one for each thing that changed.</summary>
/// <param name="output">Where to.</param>
/// <param name="isQuiet">Whether what everything is at first is left out.</param>
internal sealed class WatchLines(TextWriter output, bool isQuiet)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _states = [];

    /// <summary>Writes what is different from the last survey.</summary>
    public void Show(DeploymentSurvey survey)
    {
        // Most of it is what servers said.
        string Shown(string text) => ServerText.Shown(text, survey.Target);
        foreach (var node in survey.Nodes)
        {
            var figures = node.Info is null ? "" : $", {WatchView.Memory(node)}, {node.Info["instantaneous_ops_per_sec"]} ops/s, {node.Info["connected_clients"]} clients";
            Change($"node {node.Endpoint}", Shown(WatchView.State(node)), Shown(figures));
        }

        foreach (var master in survey.Cluster?.Masters ?? [])
        {
            Change($"shard {SlotText.Of(master.Slots)}", Shown($"master {survey.Cluster!.Describe(master)}"),
                Shown($", epoch {master.ConfigEpoch}, {WatchView.Replicas(survey.Cluster!, master)} replicas up"));
        }

        foreach (var sentinel in survey.Sentinels)
            Change($"sentinel {sentinel.Endpoint}", sentinel.Fault is null ? Shown($"{WatchView.State(sentinel)} {sentinel.NamedMaster}") : "down", "");
    }

    /// <summary>Writes an event.</summary>
    public void Show(WatchedEvent happened) => Write(happened.At, $"{happened.Source}: {happened.Text}");

    private void Change(string subject, string state, string figures)
    {
        var before = _states.GetValueOrDefault(subject);
        if (before == state)
            return;
        _states[subject] = state;
        if (before is null && isQuiet)
            return;
        Write(DateTime.Now, $"{subject}: {(before is null ? "" : $"{before} -> ")}{state}{figures}");
    }

    private void Write(DateTime at, string line)
    {
        lock (_gate)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at:HH:mm:ss.fff} {line}"));
    }
}
