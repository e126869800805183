using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>What is to be measured.</summary>
/// <param name="Contenders">The clients.</param>
/// <param name="Sizes">How many of them there are at a time.</param>
/// <param name="Faults">What happens to the deployment.</param>
/// <param name="Tls">Without TLS, with it, or both.</param>
/// <param name="Runs">How often each meets each fault.</param>
/// <param name="IsQuick">Whether the magnitude is enough.</param>
internal sealed record FleetOrder(
    IReadOnlyList<Contender> Contenders,
    IReadOnlyList<int> Sizes,
    IReadOnlyList<FleetFault> Faults,
    IReadOnlyList<bool> Tls,
    int Runs,
    bool IsQuick)
{
    /// <summary>The clients that are measured, if none are named.</summary>
    public static IReadOnlyList<string> ClientIds { get; } = ["eager", "stackexchange", "ioredis"];

    /// <summary>How many clients there are at a time.</summary>
    public static IReadOnlyList<int> AllSizes { get; } = [1, 10, 50, 200];

    /// <summary>The same with <c>--quick</c>.</summary>
    public static IReadOnlyList<int> QuickSizes { get; } = [1, 10, 50];
}
