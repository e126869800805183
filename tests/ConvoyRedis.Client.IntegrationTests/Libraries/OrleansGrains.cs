using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>Orleans: a silo whose membership and grains are stored in Redis. A grain that is activated again knows what it has stored.</summary>
internal sealed class OrleansGrains(IConnectionMultiplexer multiplexer) : ILibrary
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static int _lastPort = Random.Shared.Next(8_000, 9_000);

    private readonly List<(int Number, Call Call)> _counted = [];
    private IHost? _host;
    private ICountingGrain? _grain;
    private Repeated? _counting;
    private int _read;
    private SiloStatus _status;

    public Calls Calls { get; } = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", "test"))
            .ConfigureEndpoints(IPAddress.Loopback, FreePort(), gatewayPort: 0)
            .UseRedisClustering(options =>
            {
                options.ConfigurationOptions = new ConfigurationOptions();
                options.CreateMultiplexer = _ => Task.FromResult((multiplexer, true));
            })
            .AddRedisGrainStorageAsDefault(options =>
            {
                options.ConfigurationOptions = new ConfigurationOptions();
                options.CreateMultiplexer = _ => Task.FromResult((multiplexer, true));
            }));
        _host = builder.Build();
        await _host.StartAsync(cancellationToken);
        _grain = _host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICountingGrain>("counter");
        _counting = new Repeated(Pause, CountAsync);
    }

    public async Task StopAsync(Outage outage, CancellationToken cancellationToken)
    {
        await _counting!.StopAsync();
        var activation = await _grain!.GetActivationAsync();
        await _grain.DeactivateAsync();
        await Eventually.TrueAsync(async () => await _grain.GetActivationAsync() != activation, cancellationToken);
        _read = await _grain.ReadAsync();

        var self = _host!.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var members = (await _host.Services.GetRequiredService<IMembershipTable>().ReadAllAsync(cancellationToken)).Members;
        _status = members.Single(member => member.Item1.SiloAddress.Equals(self)).Item1.Status;
    }

    public string Check(Outage outage)
    {
        Assert.Equal(SiloStatus.Active, _status);
        Assert.InRange(_read, _counted[^1].Number, int.MaxValue);
        if (outage.IsPlanned)
        {
            Assert.Empty(Calls.Errors);
            Assert.Equal(Enumerable.Range(1, _counted.Count), _counted.Select(count => count.Number));
        }

        var before = _counted.Last(count => outage.Precedes(count.Call)).Number;
        var after = _counted.First(count => count.Call.Begun > outage.Caused).Number;
        Assert.InRange(after, before + 1, int.MaxValue);
        return $"counted to {_read}, {_counted.Count - _counted.Select(count => count.Number).Distinct().Count()} numbers twice";
    }

    public async ValueTask DisposeAsync()
    {
        if (_counting is not null)
            await _counting.DisposeAsync();
        if (_host is not null)
            await _host.StopAsync();
        _host?.Dispose();
    }

    private async Task CountAsync(int round)
    {
        var number = 0;
        var call = await Calls.MakeAsync(async () => number = await _grain!.CountAsync());
        if (call.Error is null)
            _counted.Add((number, call));
    }

    // Below those from which outgoing connections and the servers of other tests take theirs.
    private static int FreePort()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _lastPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's; the next one, then.
            }
        }
    }
}
