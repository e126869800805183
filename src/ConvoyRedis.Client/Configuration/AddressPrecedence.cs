namespace ConvoyRedis.Client.Configuration;

/// <summary>
/// Decides which settings count beside the addresses. Convoy's rule holds for what is loaded: addresses are used instead of the host, and a URL in them is
/// taken as it is, with its login and its database (config.go, BuildDsn). What code sets wins over that.
/// </summary>
/// <param name="values">The values, by setting; those that do not count are removed, and the parts of a URL are added.</param>
/// <param name="setByCode">The settings that code set, or took back.</param>
/// <param name="wrong">Receives what is wrong.</param>
/// <param name="warn">Receives a warning for each loaded setting that does not count.</param>
internal sealed class AddressPrecedence(
    Dictionary<Setting, SettingValue> values, IReadOnlySet<Setting> setByCode, Action<string> wrong, Action<string> warn)
{
    // What a URL says of the servers; what it leaves out is its default and not that of a setting.
    private static IReadOnlyList<Setting> PartsOfUrl => [Settings.Port, Settings.Username, Settings.Password, Settings.Database];

    // Code names another server: what a URL says beside its hosts is kept, since it may demand TLS.
    private bool IsHostOfCode => setByCode.Contains(Settings.Host) && !setByCode.Contains(Settings.Addresses) && values.GetValueOrDefault(Settings.Host) is { Text.Length: > 0 };

    public void Apply()
    {
        if (values.GetValueOrDefault(Settings.Addresses) is not { Text.Length: > 0 } addresses)
            return;
        if (IsHostOfCode)
            warn($"{(UriText.IsUrl(addresses.Text) ? "The host of the URL in " : "")}{addresses.Source} has no effect: {values[Settings.Host].Source} is used instead.");
        if (UriText.IsUrl(addresses.Text))
            TakeApart(addresses);
        if (IsHostOfCode)
            values.Remove(Settings.Addresses);
    }

    private void TakeApart(SettingValue addresses)
    {
        values.Remove(Settings.Addresses);
        if (UriText.Read(addresses.Text.Trim(' ', ','), addresses.Source, wrong, warn) is not { } parts)
            return;
        CheckScheme(addresses, parts);
        foreach (var setting in PartsOfUrl.Where(setting => !IsOfCode(setting) && parts.All(part => part.Setting != setting)))
            Replace(setting, null, addresses);
        var isVerified = IsVerified(addresses, parts);
        foreach (var (setting, text) in parts.Where(part => !IsOfCode(part.Setting) && !(isVerified && part.Setting == Settings.TlsSkipVerify)))
            Replace(setting, new SettingValue(text, $"{setting.Key} in {addresses.Source}"), addresses);
    }

    // Code that takes the scheme back takes none from a URL, which may ask for TLS.
    private bool IsOfCode(Setting setting) =>
        (setting == Settings.Port && IsHostOfCode)
        || (setting != Settings.Addresses && setByCode.Contains(setting) && (setting != Settings.Scheme || values.ContainsKey(setting)));

    // Convoy verifies by these files, whatever the URL says (rdb.go, NewClientWithTLS).
    private bool IsVerified(SettingValue addresses, IReadOnlyList<(Setting Setting, string Text)> parts)
    {
        if (parts.All(part => part.Setting != Settings.TlsSkipVerify) || (Loaded(Settings.TlsCaCertFile) ?? Loaded(Settings.TlsCertFile)) is not { } file)
            return false;
        warn($"The parameter skip_verify in {addresses.Source} has no effect: {file.Source} is used.");
        return true;
    }

    private SettingValue? Loaded(Setting setting) => values.GetValueOrDefault(setting) is { Text.Length: > 0 } value ? value : null;

    private void Replace(Setting setting, SettingValue? part, SettingValue addresses)
    {
        if (values.Remove(setting, out var loaded) && loaded.Text.Length > 0 && loaded.Text != part?.Text && setting != Settings.Scheme)
            warn($"{loaded.Source} has no effect: the URL of {addresses.Source} is used as it is.");
        if (part is not null)
            values[setting] = part;
    }

    // A scheme that asks for TLS or for sentinels is not dropped for a URL that does not.
    private void CheckScheme(SettingValue addresses, IReadOnlyList<(Setting Setting, string Text)> parts)
    {
        if (Loaded(Settings.Scheme) is not { } written || written.Text.Equals(parts.Single(part => part.Setting == Settings.Scheme).Text, StringComparison.OrdinalIgnoreCase))
            return;
        var isSocket = parts.Any(part => part.Setting == Settings.Addresses && part.Text.StartsWith('/'));
        var url = $"a URL that begins with {addresses.Text[..addresses.Text.IndexOf("://", StringComparison.Ordinal)].Trim(' ', ',').ToLowerInvariant()}://";
        if (setByCode.Contains(Settings.Scheme) && !setByCode.Contains(Settings.Addresses) && !isSocket)
            warn($"{written.Source} replaces the scheme of {addresses.Source}, {url}.");
        else if (!setByCode.Contains(Settings.Scheme) && written.Text.Equals(Schemes.Redis, StringComparison.OrdinalIgnoreCase))
            warn($"{written.Source} has no effect: the URL of {addresses.Source} is used as it is.");
        else
            wrong($"{written.Source}: {Redaction.Quote(written.Text)} contradicts {addresses.Source}, {url}; {(isSocket ? "a Unix socket has neither TLS nor sentinels" : "make them the same")}.");
    }
}
