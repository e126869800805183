using ConvoyRedis.Benchmarks.Clients;

namespace ConvoyRedis.Benchmarks.Steady;

/// <summary>What one connection at rest asks of a node: each command, and how often a second.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Role">The node's role; of several, the one that is asked most.</param>
/// <param name="Own">By this library.</param>
/// <param name="Plain">By plain StackExchange.Redis.</param>
internal sealed record RestRow(
    DeploymentKind Deployment, string Role, IReadOnlyDictionary<string, double> Own, IReadOnlyDictionary<string, double> Plain);
