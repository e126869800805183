namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// The ids of all log messages, in a range for each folder that logs: Diagnostics 100, Sentinel 400, Cluster 500, Tunnel 600, Reload 700,
/// Connection 800. docs/events.md lists each with its cause and remedy.
/// </summary>
internal static class EventIds
{
    public const int WriteRefused = 101;
    public const int PartFailed = 102;
    public const int SentinelConnected = 401;
    public const int SentinelLost = 402;
    public const int SentinelPublished = 403;
    public const int SentinelDiscovered = 404;
    public const int SentinelNotSubscribed = 405;
    public const int QuorumLost = 406;
    public const int QuorumRestored = 407;
    public const int TooManySentinels = 408;
    public const int SentinelCommandDenied = 409;
    public const int MasterNotReady = 601;
    public const int RoleNotAllowed = 602;
    public const int ReplicaAccepted = 603;
    public const int ReplicaLeft = 604;
    public const int MasterDemoted = 605;
    public const int MasterObstructed = 606;
    public const int MasterReady = 607;
    public const int SilentNodeLeft = 608;
    public const int NodeMoved = 609;
    public const int HandoverFailed = 651;
    public const int ReplayRefused = 652;
    public const int ReloadFailed = 701;
    public const int CredentialExpired = 702;
    public const int CredentialNotRenewed = 703;
    public const int ConfigurationWarning = 801;
    public const int CertificatesNotVerified = 802;
    public const int ConnectFailed = 803;
    public const int ConnectRefused = 804;
    public const int MasterFollowed = 811;
    public const int FailoverStarted = 812;
    public const int Holding = 813;
    public const int MasterGivenUp = 814;
    public const int FailoverAborted = 815;
    public const int MasterDecided = 816;
    public const int RehearsalFailed = 817;
    public const int SentinelDisagrees = 821;
    public const int SentinelAgrees = 822;
    public const int NamedNodeIsReplica = 823;
    public const int ReplicaBehind = 831;
    public const int ReplicaCaughtUp = 832;
    public const int ShardSucceeded = 833;
    public const int ShardReplicaReturned = 834;
    public const int MaintenanceAnnounced = 835;
    public const int MaintenanceWithoutMove = 836;
    public const int MaintenanceNotUnderstood = 837;
    public const int MaintenanceNotAnnounced = 838;
    public const int HandlerFailed = 841;
    public const int CredentialsChanged = 851;
    public const int Switched = 852;
    public const int RestartRequired = 853;
    public const int LoginNotAccepted = 854;
    public const int ReplicaChosen = 861;
    public const int NoReplicaInStep = 862;
    public const int ReplicaNotRead = 863;
    public const int ReplicasNeedEcho = 864;
}
