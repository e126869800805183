using Microsoft.Extensions.DependencyInjection;

namespace ConvoyRedis.Client;

/// <summary>One registered connection, for extensions that add to it.</summary>
public interface IConvoyRedisBuilder
{
    /// <summary>The name of the connection's options: empty for the plain registration, otherwise the key.</summary>
    string Name { get; }

    /// <summary>The services that the connection is registered in.</summary>
    IServiceCollection Services { get; }
}
