namespace ConvoyRedis.Client;

/// <summary>Why a connection could not be made.</summary>
public enum ConvoyRedisFault
{
    /// <summary>No node answered in time.</summary>
    Unreachable,

    /// <summary>The node is loading its data from disk.</summary>
    Loading,

    /// <summary>The node that should be the master says that it is a replica.</summary>
    NotMaster,

    /// <summary>None of the sentinels that answered names a master.</summary>
    NoMaster,

    /// <summary>The sentinels answered, but do not know a master with the configured name.</summary>
    UnknownMasterName,

    /// <summary>A Redis node is configured instead of a sentinel, or the reverse.</summary>
    WrongServer,

    /// <summary>The username or password was refused, is missing, or was sent to a server without a password.</summary>
    Authentication,

    /// <summary>The ACL user lacks a permission that the connection needs.</summary>
    Permission,

    /// <summary>The server's certificate was refused, or the server refused the client certificate.</summary>
    Certificate,

    /// <summary>One side uses TLS and the other does not.</summary>
    TlsMismatch,

    /// <summary>A certificate file cannot be read or has the wrong content.</summary>
    CertificateFile,
}
