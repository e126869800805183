using System.Text.Json;
using System.Text.Json.Serialization;

namespace ConvoyRedis.Tool.Drill;

/// <summary>What a drill found. Times are milliseconds after the fault.</summary>
internal sealed record DrillReport
{
    private static readonly JsonSerializerOptions Machine = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The deployment, without secrets.</summary>
    public required string Target { get; init; }

    /// <summary>When the fault was, in UTC.</summary>
    public required DateTime At { get; init; }

    public required DrillFault Fault { get; init; }

    public required string OldMaster { get; init; }

    public required string NewMaster { get; init; }

    /// <summary>The slots of the shard that was failed over; null outside a cluster.</summary>
    public required string? Slots { get; init; }

    /// <summary>When the new master first said that it is one.</summary>
    public required double PromotionMs { get; init; }

    /// <summary>
    /// When the connection reported that it led there; after a handover, when every stream had moved. Null for a fixed endpoint, whose moves are not reported.
    /// </summary>
    public required double? RedirectMs { get; init; }

    /// <summary>When the first write on the new master was acknowledged.</summary>
    public required double FirstWriteMs { get; init; }

    /// <summary>When the sentinels announced the new master; null when they had not by the end of the drill, and without sentinels.</summary>
    public required double? AnnouncedMs { get; init; }

    /// <summary>From the promotion to the first acknowledged write.</summary>
    public double LagMs => Math.Round(FirstWriteMs - PromotionMs, 1);

    /// <summary>The longest time within which no write was acknowledged.</summary>
    public required double OutageMs { get; init; }

    /// <summary>The longest time that one call took.</summary>
    public required double LongestCallMs { get; init; }

    public required int Acknowledged { get; init; }

    public required int Failed { get; init; }

    /// <summary>Acknowledged, and not on the new master.</summary>
    public required int Lost { get; init; }

    /// <summary>Acknowledged, and applied twice.</summary>
    public required int Repeated { get; init; }

    /// <summary>Each error that failed writes ended with, and how often.</summary>
    public required IReadOnlyDictionary<string, int> Errors { get; init; }

    /// <summary>When each write ended, and whether it was acknowledged; for the picture.</summary>
    [JsonIgnore]
    public IReadOnlyList<(double Ms, bool Acknowledged)> Ends { get; init; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, Machine);
}
