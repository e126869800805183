using System.Collections.Concurrent;
using System.Diagnostics;
using Hangfire;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>Jobs of Hangfire that note when they ran.</summary>
internal sealed class NumberedJobs : JobActivator
{
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(5);

    private readonly ConcurrentQueue<(int Number, Call Call)> _runs = [];

    /// <summary>Every run.</summary>
    public ILookup<int, Call> Runs => _runs.ToLookup(run => run.Number, run => run.Call);

    /// <summary>The job.</summary>
    [AutomaticRetry(DelaysInSeconds = [1])]
    public void Run(int number)
    {
        var begun = Stopwatch.GetTimestamp();
        Thread.Sleep(Work);
        _runs.Enqueue((number, new Call(begun, Stopwatch.GetTimestamp(), Error: null)));
    }

    public override object ActivateJob(Type jobType) => this;
}
