namespace ConvoyRedis.Client.Tests.Connection;

/// <summary>Where a connect can hang.</summary>
public enum ConnectStage
{
    /// <summary>The node's address answers nothing.</summary>
    Reaching,

    /// <summary>The node takes the connection, and does not take part in the TLS handshake.</summary>
    Securing,

    /// <summary>The node takes the connection and answers nothing.</summary>
    LoggingIn,

    /// <summary>The node answers the login, and then nothing more.</summary>
    Asking,

    /// <summary>The node answers us, and StackExchange.Redis's handshake not.</summary>
    Handshake,

    /// <summary>The sentinels take the connection and answer nothing.</summary>
    Locating,

    /// <summary>Nobody listens where the sentinel says that the master is.</summary>
    MasterGone,

    /// <summary>The node that the sentinel names is a replica: StackExchange.Redis waits for its stream.</summary>
    MasterAwaited,

    /// <summary>The credential provider gives no login, and does not look at its token.</summary>
    Credentials,

    /// <summary>The code that sets the options blocks when it is run again.</summary>
    Settings,
}
