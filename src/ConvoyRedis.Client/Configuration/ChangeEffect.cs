namespace ConvoyRedis.Client.Configuration;

/// <summary>What a change of the settings does to a live connection; the stronger effects come later.</summary>
internal enum ChangeEffect
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The change requires a restart: StackExchange.Redis gets this setting only once, when it connects.</summary>
    Restart,

    /// <summary>The live connections log in with the new credentials.</summary>
    Credentials,

    /// <summary>The streams are handed over to the deployment of the new settings. On a cluster, this requires a restart instead.</summary>
    Switch,
}
