namespace ConvoyRedis.Client.Configuration;

/// <summary>One setting, declared once: how it is written, what it means, and what a change of it does.</summary>
/// <param name="Key">Its key in the <c>redis</c> section of convoy.json.</param>
/// <param name="Property">Its property of <see cref="ConvoyRedisOptions"/>.</param>
internal abstract record Setting(string Key, string Property)
{
    /// <summary>What it is, in Markdown: the text of docs/configuration.md, the schema and the tool.</summary>
    public required string Doc { get; init; }

    /// <summary>A value of it, as it would be written.</summary>
    public required string Example { get; init; }

    /// <summary>Whether Convoy has it too.</summary>
    public bool IsConvoys { get; init; }

    /// <summary>What it is, in plain text.</summary>
    public string PlainDoc => Doc.Replace("`", "", StringComparison.Ordinal);

    /// <summary>What it is when nothing is written, as it would be written; null for nothing.</summary>
    public string? Default { get; init; }

    /// <summary>The default in words, in Markdown.</summary>
    public string DefaultDoc { get => field ?? (Default is null ? "none" : $"`{Default}`"); init; }

    /// <summary>Its environment variable.</summary>
    public string Variable { get => field ?? Settings.VariablePrefix + Key.ToUpperInvariant(); init; }

    /// <summary>A second environment variable that is read too; null for none.</summary>
    public string? VariableAlias { get; init; }

    /// <summary>Convoy's command-line flag; null for none.</summary>
    public string? Flag { get; init; }

    /// <summary>Whether its value must never be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether an empty value clears the value of the layers below, as it does for text in Convoy; else an empty value means not set.</summary>
    public bool EmptyClears { get; init; }

    /// <summary>Whether blanks around its value are dropped.</summary>
    public bool IsTrimmed { get; init; }

    /// <summary>Whether it is the path of a file; new contents of the file are a change of the settings.</summary>
    public bool IsFile { get; init; }

    /// <summary>Whether its value may also be given as the path of a file that holds it.</summary>
    public bool MayBeInFile { get; init; }

    /// <summary>What a change of it does to a live connection.</summary>
    public required ChangeEffect Change { get; init; }

    /// <summary>Whether connections that differ in it have monitors of their own, since it decides what a monitor sees or does.</summary>
    public required bool SeparatesMonitors { get; init; }

    /// <summary>A setting that it is checked against, null for none: as long as that one waits for a restart, so does this one.</summary>
    public Setting? CheckedAgainst { get; init; }

    /// <summary>Says why a value of it has no effect beside the other settings; null when it has one.</summary>
    public Func<SettingReader, string?> Unused { get; init; } = _ => null;

    /// <summary>The key that names a file with the value; null for none.</summary>
    public string? FileKey => MayBeInFile ? Key + "_file" : null;

    /// <summary>The environment variable that names a file with the value; null for none.</summary>
    public string? FileVariable => MayBeInFile ? Variable + "_FILE" : null;

    /// <summary>Finds out what it means, and what is wrong with it.</summary>
    public abstract object? Read(SettingReader reader);

    // The key says which setting it is; the declarations are properties, which make a new one each time.
    public virtual bool Equals(Setting? other) => other is not null && other.Key == Key;

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    public sealed override string ToString() => $"{Key} ({Variable})";
}

/// <inheritdoc />
/// <typeparam name="T">What it means in a <see cref="ConvoyRedisTarget"/>.</typeparam>
/// <param name="Key">Its key in the <c>redis</c> section of convoy.json.</param>
/// <param name="Property">Its property of <see cref="ConvoyRedisOptions"/>.</param>
/// <param name="Meaning">Finds out what it means, and what is wrong with it.</param>
internal sealed record Setting<T>(string Key, string Property, Func<SettingReader, T> Meaning) : Setting(Key, Property)
{
    public override object? Read(SettingReader reader) => Meaning(reader);

    public bool Equals(Setting<T>? other) => base.Equals(other);

    public override int GetHashCode() => base.GetHashCode();
}
