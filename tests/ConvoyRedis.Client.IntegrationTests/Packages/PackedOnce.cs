namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>The tests of the packages, which are packed once for all of them.</summary>
[CollectionDefinition]
public sealed class PackedOnce : ICollectionFixture<PackedPackages>;
