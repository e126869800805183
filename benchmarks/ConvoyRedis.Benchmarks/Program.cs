using System.CommandLine;
using ConvoyRedis.Benchmarks.Failover;

var runs = new Option<int>("--runs") { Description = "How often each client meets each fault.", DefaultValueFactory = _ => 3 };
var failover = new Command("failover", "How long after the promotion the first write is acknowledged by the new master.") { runs };
failover.SetAction((parsed, cancellationToken) => FailoverBenchmark.RunAsync(parsed.GetValue(runs), cancellationToken));
return await new RootCommand("Reconnect latency on real Redis and Sentinel processes, beside a peer, in one run.") { failover }
    .Parse(args).InvokeAsync();
