using System.Diagnostics;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Connection;
using ConvoyRedis.Client.Failover;
using ConvoyRedis.Client.Nodes;
using Microsoft.Extensions.Logging.Abstractions;

namespace ConvoyRedis.Tool.Drill;

/// <summary>Asks every replica for its ROLE a thousand times a second, beside the connection under test, to know when one was promoted.</summary>
internal sealed class ReplicaProbes : IAsyncDisposable
{
    private static readonly ProbePace Pace = ProbePace.Every(TimeSpan.FromMilliseconds(0.7));

    private readonly TaskCompletionSource<(ConvoyRedisEndpoint Node, long Timestamp)> _promoted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<CandidateProber> _probers = [];

    public ReplicaProbes(NodeDialer nodes, IEnumerable<ConvoyRedisEndpoint> replicas)
    {
        foreach (var replica in replicas)
        {
            var prober = new CandidateProber(nodes, OnProbed, Pace, TimeProvider.System, NullLogger.Instance);
            _probers.Add(prober);
            prober.Start(replica);
        }
    }

    /// <summary>The first replica that says that it is a master, and when it first did.</summary>
    public Task<(ConvoyRedisEndpoint Node, long Timestamp)> Promoted => _promoted.Task;

    public async ValueTask DisposeAsync()
    {
        foreach (var prober in _probers)
            await prober.DisposeAsync();
    }

    private void OnProbed(FailoverObservation observation)
    {
        if (observation is CandidateProbed { IsMaster: true } probed)
            _promoted.TrySetResult((probed.Candidate, Stopwatch.GetTimestamp()));
    }
}
