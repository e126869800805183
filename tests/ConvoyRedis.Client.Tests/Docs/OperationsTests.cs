using System.Diagnostics.Metrics;
using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>docs/operations.md says what the code says.</summary>
public sealed class OperationsTests
{
    private static readonly string Operations = Read("operations.md");

    [Fact]
    public void Troubles_EachCure_IsQuotedAsItIs() =>
        Assert.All((string[])[Cures.Loading, Cures.OutOfMemory, Cures.ReadOnly, Cures.Quorum, Cures.ReplicaDown, Cures.SentinelStart],
            cure => Assert.Contains(cure, Operations, StringComparison.Ordinal));

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

    [Fact]
    public void Recipe_IsTheCodeThatIsTested()
    {
        var code = Read("RedisCommandSpans.cs");

        Assert.Contains($"```csharp\n{code[code.IndexOf("/// <summary>A span", StringComparison.Ordinal)..].TrimEnd()}\n```", Operations, StringComparison.Ordinal);
    }

    private static string Read(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", name)).ReplaceLineEndings("\n");
}
