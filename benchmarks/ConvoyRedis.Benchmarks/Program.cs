using System.CommandLine;
using ConvoyRedis.Benchmarks.Failover;
using ConvoyRedis.Benchmarks.Steady;

var runs = new Option<int>("--runs") { Description = "How often this library meets each fault; a peer a quarter as often.", DefaultValueFactory = _ => 3 };
var failover = new Command("failover", "How long after the promotion the first write is acknowledged by the new master.") { runs };
failover.SetAction((parsed, cancellationToken) => FailoverBenchmark.RunAsync(parsed.GetValue(runs), cancellationToken));
var rounds = new Option<int>("--rounds") { Description = "How often each is measured, in alternation.", DefaultValueFactory = _ => 200 };
var steady = new Command("steady", "What a command costs, beside plain StackExchange.Redis with equal options.") { rounds };
steady.SetAction((parsed, cancellationToken) => SteadyBenchmark.RunAsync(parsed.GetValue(rounds), cancellationToken));
return await new RootCommand("Measurements on real Redis and Sentinel processes, beside a peer, in one run.") { failover, steady }
    .Parse(args).InvokeAsync();
