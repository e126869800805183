// A worker that takes jobs from a list, and loses none in a failover: enqueue with `redis-cli LPUSH jobs:pending some-job`.
using ConvoyRedis.Sample.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddConvoyRedis();
builder.Services.AddHostedService<JobWorker>();
await builder.Build().RunAsync();
