// Connects by the CONVOY_REDIS_* variables, writes until it was led to another master, and says where to; for native ahead-of-time compilation.
using ConvoyRedis.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
builder.Services.AddConvoyRedis();
builder.Services.AddHealthChecks().AddConvoyRedis();
using var host = builder.Build();
await host.StartAsync();

var connection = host.Services.GetRequiredService<IConvoyRedisConnection>();
var moved = new TaskCompletionSource<MasterChangedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
connection.MasterChanged += (_, change) =>
{
    if (change.Previous is not null)
        moved.TrySetResult(change);
};
var database = (await connection.GetMultiplexerAsync()).GetDatabase();
await database.StringSetAsync("aot", 0);
Console.WriteLine($"connected {connection.Master}");

var acknowledged = 0;
for (; !moved.Task.IsCompleted; acknowledged++)
    await database.StringIncrementAsync("aot");
var after = await database.StringIncrementAsync("aot");
Console.WriteLine($"followed {(await moved.Task).Previous} {connection.Master}");
Console.WriteLine($"lost {acknowledged + 1 - after}");
