using ConvoyRedis.Client.Failover;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>Every message that the library logs, with its event id. No parameter ever holds a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(EventIds.WriteRefused, LogLevel.Warning, "Master refuses writes: {Error} {Remedy}")]
    public static partial void WriteRefused(ILogger logger, string error, string remedy);

    [LoggerMessage(EventIds.PartFailed, LogLevel.Error, "{Part} failed unexpectedly. This is a fault in the library; please report it")]
    public static partial void PartFailed(ILogger logger, string part, Exception exception);

    [LoggerMessage(EventIds.SentinelConnected, LogLevel.Information, "Connected to sentinel {Sentinel}")]
    public static partial void SentinelConnected(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(EventIds.SentinelLost, LogLevel.Warning, "Lost sentinel {Sentinel}: {Reason} {Remedy}")]
    public static partial void SentinelLost(ILogger logger, ConvoyRedisEndpoint sentinel, string reason, string remedy);

    [LoggerMessage(EventIds.SentinelPublished, LogLevel.Debug, "Sentinel {Sentinel} published {Channel} {Text}")]
    public static partial void SentinelPublished(ILogger logger, ConvoyRedisEndpoint sentinel, string channel, string text);

    [LoggerMessage(EventIds.SentinelDiscovered, LogLevel.Information, "Discovered sentinel {Sentinel}")]
    public static partial void SentinelDiscovered(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(EventIds.SentinelNotSubscribed, LogLevel.Error,
        "Sentinel {Sentinel} does not allow this user to subscribe to its events; polling it each second, so that failovers are followed "
        + "late and planned ones close the connections. {Reason} Grant +subscribe and &* in its ACL")]
    public static partial void SentinelNotSubscribed(ILogger logger, ConvoyRedisEndpoint sentinel, string reason);

    [LoggerMessage(EventIds.QuorumLost, LogLevel.Warning, "Sentinels cannot fail over: {Reason} {Remedy}")]
    public static partial void QuorumLost(ILogger logger, string reason, string remedy);

    [LoggerMessage(EventIds.QuorumRestored, LogLevel.Information, "Sentinel {Sentinel} reports that a failover is possible again")]
    public static partial void QuorumRestored(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(EventIds.TooManySentinels, LogLevel.Warning, "Sentinels named more than {Limit} other sentinels; not connecting to {Sentinel}")]
    public static partial void TooManySentinels(ILogger logger, int limit, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(EventIds.SentinelCommandDenied, LogLevel.Warning,
        "Sentinel {Sentinel} does not allow this user to run {Command}: {Consequence}. Asking again in a minute. Grant {Rule} in its ACL")]
    public static partial void SentinelCommandDenied(ILogger logger, ConvoyRedisEndpoint sentinel, string command, string consequence, string rule);

    [LoggerMessage(EventIds.MasterNotReady, LogLevel.Debug, "Master {Master} is not ready: {Reason}")]
    public static partial void MasterNotReady(ILogger logger, ConvoyRedisEndpoint master, string reason);

    [LoggerMessage(EventIds.RoleNotAllowed, LogLevel.Warning,
        "{Node} does not allow this user to run ROLE ('{Error}'); demotions will be detected late. Grant +role in its ACL")]
    public static partial void RoleNotAllowed(ILogger logger, ConvoyRedisEndpoint node, string error);

    [LoggerMessage(EventIds.ReplicaAccepted, LogLevel.Warning, "{Node} is a replica; writes to it fail (READONLY). {Remedy}")]
    public static partial void ReplicaAccepted(ILogger logger, ConvoyRedisEndpoint node, string remedy);

    [LoggerMessage(EventIds.ReplicaLeft, LogLevel.Information, "Master found at {Node}; leaving the replica")]
    public static partial void ReplicaLeft(ILogger logger, ConvoyRedisEndpoint node);

    [LoggerMessage(EventIds.MasterDemoted, LogLevel.Warning, "{Node} is no longer a master; closed the connection to it, waiting for a master")]
    public static partial void MasterDemoted(ILogger logger, ConvoyRedisEndpoint node);

    [LoggerMessage(EventIds.MasterObstructed, LogLevel.Warning, "Commands wait for master {Master}: {Reason}")]
    public static partial void MasterObstructed(ILogger logger, ConvoyRedisEndpoint master, string reason);

    [LoggerMessage(EventIds.MasterReady, LogLevel.Information, "Master {Master} accepts commands again")]
    public static partial void MasterReady(ILogger logger, ConvoyRedisEndpoint master);

    [LoggerMessage(EventIds.SilentNodeLeft, LogLevel.Warning,
        "{Node} does not answer at {Address}, and a master answers at {Other}; closed the connection, and connecting there")]
    public static partial void SilentNodeLeft(ILogger logger, ConvoyRedisEndpoint node, ConvoyRedisEndpoint address, ConvoyRedisEndpoint other);

    [LoggerMessage(EventIds.NodeMoved, LogLevel.Information, "{Node} moved from {Address} to {Other}, as announced")]
    public static partial void NodeMoved(ILogger logger, ConvoyRedisEndpoint node, ConvoyRedisEndpoint address, ConvoyRedisEndpoint other);

    [LoggerMessage(EventIds.HandoverFailed, LogLevel.Warning, "Closed a connection to {Node} instead of handing it over: {Reason}")]
    public static partial void HandoverFailed(ILogger logger, ConvoyRedisEndpoint node, string reason);

    [LoggerMessage(EventIds.ReplayRefused, LogLevel.Debug, "{Node} refused {Command} during a handover; the connection works without it")]
    public static partial void ReplayRefused(ILogger logger, ConvoyRedisEndpoint node, string command);

    [LoggerMessage(EventIds.ReloadFailed, LogLevel.Error, "Ignored a change of the settings; the connection stays as it is: {Problem}")]
    public static partial void ReloadFailed(ILogger logger, string problem);

    [LoggerMessage(EventIds.CredentialExpired, LogLevel.Warning,
        "Credential provider {Provider} returned a login that expires at {Expiry}, but the time here is {Now}; using it until a server refuses it, "
        + "and asking at growing intervals. Check this machine's clock and the provider's cache")]
    public static partial void CredentialExpired(ILogger logger, string provider, string expiry, string now);

    [LoggerMessage(EventIds.CredentialNotRenewed, LogLevel.Warning,
        "Credential provider {Provider} did not renew the login: {Reason}. Using the last one, and trying again")]
    public static partial void CredentialNotRenewed(ILogger logger, string provider, string reason);

    [LoggerMessage(EventIds.ConfigurationWarning, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigurationWarning(ILogger logger, string warning);

    [LoggerMessage(EventIds.CertificatesNotVerified, LogLevel.Warning,
        "TLS certificates are not verified (tls_skip_verify); anyone on the network can impersonate this Redis")]
    public static partial void CertificatesNotVerified(ILogger logger);

    [LoggerMessage(EventIds.ConnectFailed, LogLevel.Warning, "Connecting to {Target} failed: {Reason} Retrying in {PauseMilliseconds:F0} ms")]
    public static partial void ConnectFailed(ILogger logger, string target, string reason, double pauseMilliseconds);

    [LoggerMessage(EventIds.ConnectRefused, LogLevel.Error, "Connecting to {Target} failed, and retrying is pointless until a setting changes: {Reason}")]
    public static partial void ConnectRefused(ILogger logger, string target, string reason);

    [LoggerMessage(EventIds.MasterFollowed, LogLevel.Information, "Following master {Master} (previous: {Previous}; {Cause}, epoch {Epoch})")]
    public static partial void MasterFollowed(
        ILogger logger, ConvoyRedisEndpoint master, string previous, MasterChangeCause cause, long epoch);

    [LoggerMessage(EventIds.FailoverStarted, LogLevel.Information, "Sentinels started failing over {Master}")]
    public static partial void FailoverStarted(ILogger logger, ConvoyRedisEndpoint? master);

    [LoggerMessage(EventIds.Holding, LogLevel.Information, "Planned failover of {Master}; holding commands")]
    public static partial void Holding(ILogger logger, ConvoyRedisEndpoint? master);

    [LoggerMessage(EventIds.MasterGivenUp, LogLevel.Warning,
        "Master {Master} is down; commands wait for the next one, up to command_timeout. If none follows: {Remedy}")]
    public static partial void MasterGivenUp(ILogger logger, ConvoyRedisEndpoint? master, string remedy);

    [LoggerMessage(EventIds.FailoverAborted, LogLevel.Information, "Failover aborted; {Master} remains master")]
    public static partial void FailoverAborted(ILogger logger, ConvoyRedisEndpoint? master);

    [LoggerMessage(EventIds.MasterDecided, LogLevel.Debug, "Decided: {Decision}")]
    public static partial void MasterDecided(ILogger logger, MasterDecision decision);

    [LoggerMessage(EventIds.RehearsalFailed, LogLevel.Debug, "The rehearsal of a failover failed; the first failover may take up to 20 ms longer")]
    public static partial void RehearsalFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.SentinelDisagrees, LogLevel.Warning,
        "Sentinel {Sentinel} names {Other} as master at epoch {Epoch}, but the connection follows {Master}. {Remedy}")]
    public static partial void SentinelDisagrees(
        ILogger logger, ConvoyRedisEndpoint sentinel, ConvoyRedisEndpoint other, long epoch, ConvoyRedisEndpoint? master, string remedy);

    [LoggerMessage(EventIds.SentinelAgrees, LogLevel.Information, "Sentinel {Sentinel} no longer names another master")]
    public static partial void SentinelAgrees(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(EventIds.NamedNodeIsReplica, LogLevel.Warning,
        "Sentinels name {Named} as master at epoch {Epoch}, but it is a replica; staying with {Master}, which is a master. {Remedy}")]
    public static partial void NamedNodeIsReplica(ILogger logger, ConvoyRedisEndpoint named, long epoch, ConvoyRedisEndpoint? master, string remedy);

    [LoggerMessage(EventIds.ReplicaBehind, LogLevel.Warning,
        "Replica {Replica} of {Master} has been behind for {Seconds} s; a failover to it would lose writes. {Remedy}")]
    public static partial void ReplicaBehind(ILogger logger, string replica, ConvoyRedisEndpoint master, double seconds, string remedy);

    [LoggerMessage(EventIds.ReplicaCaughtUp, LogLevel.Information, "Replica {Replica} of {Master} has caught up")]
    public static partial void ReplicaCaughtUp(ILogger logger, string replica, ConvoyRedisEndpoint master);

    [LoggerMessage(EventIds.ReplicaChosen, LogLevel.Information, "Reading from replica {Replica}")]
    public static partial void ReplicaChosen(ILogger logger, ConvoyRedisEndpoint replica);

    [LoggerMessage(EventIds.NoReplicaInStep, LogLevel.Information, "No replica is in step: reading from {Master}, the master")]
    public static partial void NoReplicaInStep(ILogger logger, ConvoyRedisEndpoint master);

    [LoggerMessage(EventIds.ReplicaNotRead, LogLevel.Warning, "Replica {Replica} does not answer, is too far behind, or is no replica any more: nothing is read from it for 5 s")]
    public static partial void ReplicaNotRead(ILogger logger, ConvoyRedisEndpoint replica);

    [LoggerMessage(EventIds.ReplicasNeedEcho, LogLevel.Warning, "ECHO is refused: nothing is read from replicas. Grant +echo in the ACL")]
    public static partial void ReplicasNeedEcho(ILogger logger);

    [LoggerMessage(EventIds.ShardSucceeded, LogLevel.Warning,
        "{Former} does not answer, and {Successor} has taken over its slots {Slots}: commands for the former master continue there")]
    public static partial void ShardSucceeded(ILogger logger, ConvoyRedisEndpoint former, ConvoyRedisEndpoint successor, string slots);

    [LoggerMessage(EventIds.ShardReplicaReturned, LogLevel.Information, "{Former} is back as a replica")]
    public static partial void ShardReplicaReturned(ILogger logger, ConvoyRedisEndpoint former);

    [LoggerMessage(EventIds.MaintenanceAnnounced, LogLevel.Information, "{Node} announced maintenance: {Notice}")]
    public static partial void MaintenanceAnnounced(ILogger logger, ConvoyRedisEndpoint node, string notice);

    [LoggerMessage(EventIds.MaintenanceWithoutMove, LogLevel.Information, "The announced maintenance of {Node} led to no other master")]
    public static partial void MaintenanceWithoutMove(ILogger logger, ConvoyRedisEndpoint node);

    [LoggerMessage(EventIds.MaintenanceNotUnderstood, LogLevel.Debug, "{Node} announced maintenance in an unknown form: {Text}")]
    public static partial void MaintenanceNotUnderstood(ILogger logger, ConvoyRedisEndpoint node, string text);

    [LoggerMessage(EventIds.MaintenanceNotAnnounced, LogLevel.Debug, "{Node} does not announce maintenance by {Command}: {Error}")]
    public static partial void MaintenanceNotAnnounced(ILogger logger, ConvoyRedisEndpoint node, string command, string error);

    [LoggerMessage(EventIds.HandlerFailed, LogLevel.Error, "A MasterChanged handler threw an exception; the other handlers and the connection continue")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.CredentialsChanged, LogLevel.Information, "Settings changed; logged in with the new credentials")]
    public static partial void CredentialsChanged(ILogger logger);

    [LoggerMessage(EventIds.Switched, LogLevel.Information, "Settings changed; switched to {Target}")]
    public static partial void Switched(ILogger logger, string target);

    [LoggerMessage(EventIds.RestartRequired, LogLevel.Warning, "Settings changed, but these require a restart of the process: {Settings}")]
    public static partial void RestartRequired(ILogger logger, string settings);

    [LoggerMessage(EventIds.LoginNotAccepted, LogLevel.Warning, "{Server} does not accept the new login yet: {Error} Keeping the previous login, and retrying")]
    public static partial void LoginNotAccepted(ILogger logger, ConvoyRedisEndpoint server, string error);
}
