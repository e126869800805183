using Microsoft.Extensions.DependencyInjection;

namespace ConvoyRedis.Client.DependencyInjection;

internal sealed record ConvoyRedisBuilder(string Name, IServiceCollection Services) : IConvoyRedisBuilder;
