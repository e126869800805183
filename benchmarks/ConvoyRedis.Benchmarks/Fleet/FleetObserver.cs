using System.Security.Authentication;
using ConvoyRedis.Benchmarks.Clients;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>
/// Finds out when a node first takes a write, without asking before: a promotion by Sentinel ends every connection to the node (CLIENT KILL, in the same
/// transaction). Only then the observer connects again, and tries a write each millisecond. It has a thread for each node.
/// </summary>
internal sealed class FleetObserver : IDisposable
{
    private const string Key = "fleet-observer";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(1);

    /// <summary>How long writes are tried after the end of a connection, which may have another reason.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Dictionary<RedisServer, ObserverConnection> _connections = [];
    private readonly TaskCompletionSource<FleetTakeover> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CountdownEvent _connecting;
    private readonly List<Thread> _threads;
    private readonly SentinelTopology _topology;
    private volatile bool _isStopped;

    private FleetObserver(SentinelTopology topology, IReadOnlyList<RedisServer> nodes, bool isStarting)
    {
        _topology = topology;
        _connecting = new CountdownEvent(nodes.Count);
        _threads = [.. nodes.Select(node => new Thread(() => Observe(node, isStarting)) { IsBackground = true })];
        _threads.ForEach(thread => thread.Start());
    }

    /// <summary>Observes replicas, which may be promoted; returns when it is connected to all of them.</summary>
    public static FleetObserver OfReplicas(SentinelTopology topology, RedisServer master)
    {
        var observer = new FleetObserver(topology, [.. topology.Nodes.Where(node => node != master)], isStarting: false);
        if (observer._connecting.Wait(Patience))
            return observer;
        observer.Dispose();
        throw new IOException("A replica does not accept the observer.");
    }

    /// <summary>Observes a master that is about to start.</summary>
    public static FleetObserver OfStart(SentinelTopology topology, RedisServer master) => new(topology, [master], isStarting: true);

    /// <summary>Waits for the first write that was taken; null if there is none in time.</summary>
    public async Task<FleetTakeover?> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _taken.Task.WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        lock (_gate)
        {
            foreach (var connection in _connections.Values)
                connection.Dispose();
        }

        _threads.ForEach(thread => thread.Join());
        _connecting.Dispose();
    }

    private bool IsOver => _isStopped || _taken.Task.IsCompleted;

    private void Observe(RedisServer node, bool isStarting)
    {
        long? endedAt = null;
        var isConnected = false;
        bool IsDoubtful() => isStarting || (endedAt is { } instant && ClientHost.Now - instant < Doubt.TotalNanoseconds);
        while (!IsOver)
        {
            try
            {
                using var connection = Open(node);
                if (!isConnected)
                    _connecting.Signal();
                isConnected = true;
                while (!IsOver && IsDoubtful())
                {
                    if (connection.TryWrite(Key))
                    {
                        _taken.TrySetResult(new FleetTakeover(node, endedAt, ClientHost.Now));
                        return;
                    }

                    Thread.Sleep(PollPeriod);
                }

                connection.WaitUntilEnded();
                endedAt = ClientHost.Now;
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException or ObjectDisposedException)
            {
                Thread.Sleep(PollPeriod);
            }
        }
    }

    private ObserverConnection Open(RedisServer node)
    {
        var connection = ObserverConnection.Open(_topology, node);
        lock (_gate)
        {
            _connections[node] = connection;
            if (_isStopped)
                connection.Dispose();
        }

        return connection;
    }
}
