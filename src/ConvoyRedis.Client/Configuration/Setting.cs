namespace ConvoyRedis.Client.Configuration;

/// <summary>One setting, and the names under which it is written.</summary>
/// <param name="Key">Its key in the <c>redis</c> section of convoy.json.</param>
/// <param name="Variable">Its environment variable.</param>
/// <param name="Property">Its property of <see cref="ConvoyRedisOptions"/>.</param>
internal sealed record Setting(string Key, string Variable, string Property)
{
    /// <summary>A second environment variable that is read too; null for none.</summary>
    public string? VariableAlias { get; init; }

    /// <summary>Convoy's command-line flag; null for none.</summary>
    public string? Flag { get; init; }

    /// <summary>Whether its value must never be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether it is text, for which an empty variable clears the value of the file; else an empty value means not set.</summary>
    public bool IsText { get; init; }

    /// <summary>The key that names a file with the value; for the passwords, else null.</summary>
    public string? FileKey => IsSecret ? Key + "_file" : null;

    /// <summary>The environment variable that names a file with the value; for the passwords, else null.</summary>
    public string? FileVariable => IsSecret ? Variable + "_FILE" : null;

    public override string ToString() => $"{Key} ({Variable})";
}
