using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Benchmarks.Report;

namespace ConvoyRedis.Benchmarks.Connect;

/// <summary>The table and the picture of <c>connect</c>.</summary>
internal static class ConnectReport
{
    private const double PictureTo = 2000;

    public static BenchmarkReport Create(IReadOnlyList<ConnectRun> runs)
    {
        var clients = Contender.All.Where(client => runs.Any(run => run.Client == client.Id)).ToList();
        var states = Enum.GetValues<SentinelsState>();
        IReadOnlyList<ConnectRun> Of(Contender client, SentinelsState state) => [.. runs.Where(run => run.Client == client.Id && run.Sentinels == state)];
        double Median(Contender client, SentinelsState state) => Of(client, state).Select(TimeOf).Median();

        var table = new ResultTable(
            "From the call that connects to the first acknowledged write, in a warm process (medians)",
            ["client", .. states.Select(Text)],
            [.. clients.Select(client => (IReadOnlyList<string>)[client.Name, .. states.Select(state => Cell(Of(client, state)))])]);
        var better = states.Select(state => (State: state, Peers: clients.Where(client => !client.IsOurs && Median(client, state) < Median(clients[0], state)).ToList()))
            .Where(one => one.Peers.Count > 0)
            .Select(one => $"{Text(one.State)}: better than here, {Median(clients[0], one.State).Duration()}: "
                + $"{string.Join(", ", one.Peers.Select(peer => $"{peer.Name} {Median(peer, one.State).Duration()}"))}.");
        return new BenchmarkReport(
            "First connection", [table],
            [
                .. better,
                $"With one sentinel hung this library needs {(Median(clients[0], SentinelsState.OneHung) / Median(clients[0], SentinelsState.AllWell)).Ratio()} of its time with all of them well.",
                $"{runs.GroupBy(run => (run.Client, run.Sentinels)).Max(group => group.Count())} runs each; after a *never* (30 s) no further one.",
            ],
            new BarPicture(
                "From connecting to the first acknowledged write (medians)", "milliseconds", 0, PictureTo,
                [.. states.Select(state => new BarPicture.Panel(
                    Text(state),
                    [.. clients.Select(client => new BarPicture.Bar(
                        client.Name, 0, double.IsFinite(Median(client, state)) ? Median(client, state) : null, Median(client, state).Duration(), client.IsOurs))],
                    []))]));
    }

    private static string Cell(IReadOnlyList<ConnectRun> runs)
    {
        var errors = runs.Select(run => (double)run.Errors).Median();
        return runs.Select(TimeOf).Median().Duration() + (errors > 0 ? $", {errors.Count()} errors first" : "");
    }

    private static double TimeOf(ConnectRun run) => run.Milliseconds ?? double.PositiveInfinity;

    private static string Text(SentinelsState state) => state switch
    {
        SentinelsState.AllWell => "3 sentinels well",
        SentinelsState.OneUnresolvable => "one does not resolve",
        SentinelsState.OneHung => "one hung",
        SentinelsState.OneDead => "one dead",
        _ => "two dead",
    };
}
