namespace ConvoyRedis.Client.Configuration;

/// <summary>What a change of the settings does to a live connection; the stronger effects come later.</summary>
internal enum ChangeEffect
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Only a restart takes it over: StackExchange.Redis is told it once, when it connects.</summary>
    Restart,

    /// <summary>The live connections log in with the new credentials.</summary>
    Credentials,

    /// <summary>The streams are handed over to where the settings now lead. On a cluster it requires a restart instead.</summary>
    Switch,
}
