using System.Diagnostics.CodeAnalysis;
using ConvoyRedis.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extends a connection that <c>AddConvoyRedis</c> registered.</summary>
public static class ConvoyRedisBuilderExtensions
{
    /// <summary>Gets the login for the data nodes from a provider instead of <c>username</c> and <c>password</c>.</summary>
    /// <typeparam name="TProvider">The provider; a singleton, with its dependencies from the container.</typeparam>
    /// <param name="builder">The connection.</param>
    public static IConvoyRedisBuilder AddCredentialProvider<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TProvider>(this IConvoyRedisBuilder builder)
        where TProvider : class, IConvoyRedisCredentialProvider
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKeyedSingleton<IConvoyRedisCredentialProvider, TProvider>(builder.Name);
        return builder;
    }
}
