namespace ConvoyRedis.Client;

/// <summary>Why a connection could not be made.</summary>
public enum ConvoyRedisFault
{
    /// <summary>No node answered, or none in time.</summary>
    Unreachable,

    /// <summary>The node answers, and loads its data set from disk.</summary>
    Loading,

    /// <summary>The node that should be the master says that it is a replica.</summary>
    NotMaster,

    /// <summary>None of the sentinels that answered names a master.</summary>
    NoMaster,

    /// <summary>The sentinels answered and know no master of the configured name.</summary>
    UnknownMasterName,

    /// <summary>A Redis node is configured where a sentinel should be, or the other way round.</summary>
    WrongServer,

    /// <summary>The username or password was refused, is missing, or was given although none is set on the server.</summary>
    Authentication,

    /// <summary>The ACL user lacks a right that the connection needs.</summary>
    Permission,

    /// <summary>The server's certificate was refused, or the server refused ours.</summary>
    Certificate,

    /// <summary>One side speaks TLS and the other does not.</summary>
    TlsMismatch,

    /// <summary>A certificate file cannot be read or does not hold what it should.</summary>
    CertificateFile,
}
