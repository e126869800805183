namespace ConvoyRedis.Client.Replicas;

/// <summary>
/// Completes a wrapper: the members of its interfaces that the class does not implement are generated (ConvoyRedis.Generators). Each calls the
/// same member of the property <c>Inner</c>; flags pass through the property <c>Routing</c>.
/// </summary>
/// <param name="reads">The methods that only read, without the suffix Async, separated by white space.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ForwardsAttribute(string reads) : Attribute
{
    /// <summary>The methods that only read.</summary>
    public string Reads { get; } = reads;
}
