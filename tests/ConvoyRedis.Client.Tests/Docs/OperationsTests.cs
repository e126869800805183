using System.Diagnostics.Metrics;
using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>docs/operations.md says what the code says.</summary>
public sealed class OperationsTests
{
    private static readonly string Operations = Read("operations.md");

    [Fact]
    public void Metrics_EachInstrument_HasARow()
    {
        var names = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => names.Add(instrument.Name) };
        _ = new Instruments(null);
        listener.Start();

        Assert.True(names.Count > 8);
        Assert.All(names.Where(name => name.Contains("redis", StringComparison.Ordinal) || name.StartsWith("db.", StringComparison.Ordinal)),
            name => Assert.Contains($"| `{name}` |", Operations, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("operations.md", "RedisCommandSpans.cs")]
    [InlineData("recipes.md", "DataProtectionKeys.cs")]
    [InlineData("recipes.md", "Caches.cs")]
    [InlineData("recipes.md", "SignalRBackplane.cs")]
    [InlineData("recipes.md", "DistributedLocks.cs")]
    [InlineData("recipes.md", "CircuitBreakers.cs")]
    public void Recipe_IsTheCodeThatIsTested(string page, string name)
    {
        var code = Read(name);

        Assert.Contains($"```csharp\n{code[code.IndexOf("/// <summary>", StringComparison.Ordinal)..].TrimEnd()}\n```", Read(page), StringComparison.Ordinal);
    }

    private static string Read(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", name)).ReplaceLineEndings("\n");
}
