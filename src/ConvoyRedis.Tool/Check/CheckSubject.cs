using System.Globalization;

namespace ConvoyRedis.Tool.Check;

/// <summary>Whose rows are made.</summary>
internal sealed record CheckSubject(SubjectKind Kind, string Name)
{
    public static CheckSubject Deployment { get; } = new(SubjectKind.Deployment, "deployment");

    /// <summary>A row that is as it should be, or is <paramref name="otherwise"/> and calls for an action.</summary>
    public CheckRow Judge(
        string check, bool isOk, string value, string? healthy, string action, CheckStatus otherwise = CheckStatus.Warning, double? number = null) =>
        new(Kind, Name, check, isOk ? CheckStatus.Ok : otherwise, value, number, healthy, isOk ? null : action);

    /// <summary>A row that is a number; null is not visible.</summary>
    public CheckRow Measure(string check, double? number, string unit, Func<double, CheckStatus> judge, string? healthy, string? action)
    {
        if (number is not { } known)
            return NotVisible(check, healthy);
        var status = judge(known);
        var value = string.Create(CultureInfo.InvariantCulture, $"{known:0.#}{unit}");
        return new(Kind, Name, check, status, value, Math.Round(known, 2), healthy, status == CheckStatus.Ok ? null : action);
    }

    public CheckRow NotVisible(string check, string? healthy) => new(Kind, Name, check, CheckStatus.NotVisible, "not visible here", null, healthy, null);

    /// <summary>A row of which nothing is asked.</summary>
    public CheckRow Show(string check, string value, double? number = null) => new(Kind, Name, check, CheckStatus.Ok, value, number, null, null);
}
