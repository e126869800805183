using ConvoyRedis.Client.IntegrationTests.Packages;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(PackagesFirst))]

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>Starts with the tests that build programs: they take longest, and would otherwise end long after all others.</summary>
public sealed class PackagesFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName.Contains(".Packages.", StringComparison.Ordinal))];
}
