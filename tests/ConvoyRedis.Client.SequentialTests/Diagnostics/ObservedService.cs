using System.Diagnostics;
using ConvoyRedis.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using StackExchange.Redis;

namespace ConvoyRedis.Client.SequentialTests.Diagnostics;

/// <summary>A host with connections to one deployment, watched by the OpenTelemetry SDK with its exporters to memory.</summary>
internal sealed class ObservedService : IAsyncDisposable
{
    private readonly List<Metric> _metrics = [];
    private readonly SynchronizedSpans _spans = [];
    private readonly MeterProvider _meter;
    private readonly TracerProvider _tracer;
    private readonly IHost _host;

    private ObservedService(RedisTopology topology, int connections)
    {
        _meter = Sdk.CreateMeterProviderBuilder().AddConvoyRedisInstrumentation().AddInMemoryExporter(_metrics).Build();
        _tracer = Sdk.CreateTracerProviderBuilder().AddConvoyRedisInstrumentation().AddInMemoryExporter(_spans).Build();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMetrics();
        for (var number = 0; number < connections; number++)
            builder.Services.AddKeyedConvoyRedis($"{number}", Deployment.Sources(topology.EnvironmentVariables));
        _host = builder.Build();
    }

    public IConnectionMultiplexer Multiplexer => _host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("0");

    public IDatabase Database => Multiplexer.GetDatabase();

    private string Pool => _host.Services.GetRequiredKeyedService<IConvoyRedisConnection>("0").Target.ToString();

    public static async Task<ObservedService> StartAsync(RedisTopology topology, int connections = 1)
    {
        var service = new ObservedService(topology, connections);
        for (var number = 0; number < connections; number++)
            await service._host.Services.GetRequiredKeyedService<IConvoyRedisConnection>($"{number}").GetMultiplexerAsync();
        return service;
    }

    /// <summary>The spans of this name that have ended.</summary>
    public IReadOnlyList<Activity> Spans(string name) =>
        [.. _spans.ToArray().Where(span => span.OperationName == name && Equals(span.GetTagItem("db.client.connection.pool.name"), Pool))];

    /// <summary>The sum of a counter over the points with these attributes.</summary>
    public long Sum(string name, params (string Key, object Value)[] tags) => Points(name, tags).Sum(point => point.GetSumLong());

    /// <summary>The observations of a histogram with these attributes: how many, and their sum.</summary>
    public (long Count, double Sum) Histogram(string name, params (string Key, object Value)[] tags)
    {
        var points = Points(name, tags);
        return (points.Sum(point => point.GetHistogramCount()), points.Sum(point => point.GetHistogramSum()));
    }

    public async ValueTask DisposeAsync()
    {
        await ((IAsyncDisposable)_host).DisposeAsync();
        _tracer.Dispose();
        _meter.Dispose();
    }

    private List<MetricPoint> Points(string name, (string Key, object Value)[] tags)
    {
        _metrics.Clear();
        Assert.True(_meter.ForceFlush());
        var points = new List<MetricPoint>();
        foreach (var metric in _metrics.Where(metric => metric.Name == name))
        {
            foreach (var point in metric.GetMetricPoints())
            {
                var has = new Dictionary<string, object?>();
                foreach (var tag in point.Tags)
                    has[tag.Key] = tag.Value;
                if (tags.Append(("db.client.connection.pool.name", Pool)).All(tag => Equals(has.GetValueOrDefault(tag.Item1), tag.Item2)))
                    points.Add(point);
            }
        }

        return points;
    }
}
