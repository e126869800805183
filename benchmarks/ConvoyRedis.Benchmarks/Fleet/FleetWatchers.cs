using System.Diagnostics;
using System.Globalization;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>How fast a candidate copies what its master is given, while as many watch it for its promotion as a large fleet has processes, and while nobody does.</summary>
internal static class FleetWatchers
{
    private const int Watchers = 1000;

    /// <summary>Four callers write about 30 MB in a second, which a candidate copies with ease.</summary>
    private const int Writers = 4, PayloadBytes = 10 * 1024;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(5);

    private static int Rounds(FleetOrder order) => order.IsQuick ? 1 : order.Runs;

    public static int Steps(FleetOrder order) => Rounds(order);

    public static async Task<IReadOnlyList<FleetWatch>> RunAsync(FleetOrder order, Action<string> step, CancellationToken cancellationToken)
    {
        var results = new List<FleetWatch>();
        await using var topology = await FleetBenchmark.StartAsync(isTls: false, cancellationToken);
        var options = ConvoyRedisClient.OptionsFor(Deployment.Of(topology));
        await using var connection = await ConvoyRedisConnection.ConnectAsync(options, cancellationToken);
        var master = await topology.GetMasterAsync(cancellationToken);
        var candidate = topology.Nodes.First(node => node != master);
        var writing = new FleetWriters((await connection.GetMultiplexerAsync(cancellationToken)).GetDatabase(), "watched", Writers, PayloadBytes);
        try
        {
            for (var round = 0; round < Rounds(order); round++)
            {
                var (alone, _) = await MeasureAsync(candidate, cancellationToken);
                await using var crowd = new Crowd(options, candidate);
                var (watched, roles) = await MeasureAsync(candidate, cancellationToken);
                var watch = new FleetWatch(Watchers, alone, watched, roles);
                results.Add(watch);
                step($"{Watchers} watchers: {watched / alone:0.000} of {alone / 1e6:0.0} MB/s, {roles:0} ROLE/s");
            }
        }
        finally
        {
            await writing.StopAsync();
        }

        return results;
    }

    private static async Task<(double Bytes, double Roles)> MeasureAsync(RedisServer candidate, CancellationToken cancellationToken)
    {
        await Task.Delay(Settling, cancellationToken);
        var (before, began) = (await ReadAsync(candidate, cancellationToken), Stopwatch.GetTimestamp());
        await Task.Delay(Length, cancellationToken);
        var (after, seconds) = (await ReadAsync(candidate, cancellationToken), Stopwatch.GetElapsedTime(began).TotalSeconds);
        return ((after.Bytes - before.Bytes) / seconds, (after.Roles - before.Roles) / seconds);
    }

    private static async Task<(long Bytes, double Roles)> ReadAsync(RedisServer candidate, CancellationToken cancellationToken)
    {
        var role = await candidate.ExecuteAsync(["ROLE"], cancellationToken);
        var counters = await ServerCounters.ReadAsync(candidate, cancellationToken);
        return (long.Parse(role.Items[4].Text!, CultureInfo.InvariantCulture), counters.Roles);
    }

    // As many watchers as processes would have.
    private sealed class Crowd : IAsyncDisposable
    {
        private readonly NodeDialer _dialer;
        private readonly List<CandidateProber> _probers;

        public Crowd(ConvoyRedisOptions options, RedisServer candidate)
        {
            _dialer = new NodeDialer(NodeAccess.ToData(options.Resolve(), tls: null));
            _probers = [.. Enumerable.Range(0, Watchers).Select(_ => new CandidateProber(_dialer, _ => { }, FailoverProbes.Pace, TimeProvider.System, NullLogger.Instance))];
            _probers.ForEach(prober => prober.Start(new ConvoyRedisEndpoint(candidate.Host, candidate.Port)));
        }

        public async ValueTask DisposeAsync() => await Task.WhenAll(_probers.Select(prober => prober.DisposeAsync().AsTask()));
    }
}
