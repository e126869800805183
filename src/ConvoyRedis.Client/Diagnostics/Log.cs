using ConvoyRedis.Client.Sentinel;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>Every message that the library logs, with its event id. No parameter ever holds a secret.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    public static partial void ConfigurationWarning(ILogger logger, string warning);

    [LoggerMessage(2, LogLevel.Warning, "TLS certificates are not verified (tls_skip_verify): anyone on the network can pose as this Redis.")]
    public static partial void CertificatesNotVerified(ILogger logger);

    [LoggerMessage(3, LogLevel.Warning, "No connection to {Target}: {Reason} Trying again in {PauseMilliseconds:F0} ms")]
    public static partial void ConnectFailed(ILogger logger, string target, string reason, double pauseMilliseconds);

    [LoggerMessage(4, LogLevel.Information, "The connection leads to {Master} (before: {Previous}; {Cause}, epoch {Epoch})")]
    public static partial void MasterFollowed(
        ILogger logger, ConvoyRedisEndpoint master, string previous, MasterChangeCause cause, long epoch);

    [LoggerMessage(5, LogLevel.Error, "No connection to {Target}, and trying again is pointless until a setting changes: {Reason}")]
    public static partial void ConnectRefused(ILogger logger, string target, string reason);

    [LoggerMessage(6, LogLevel.Information, "The sentinels begin to fail {Master} over")]
    public static partial void FailoverBegan(ILogger logger, ConvoyRedisEndpoint? master);

    [LoggerMessage(7, LogLevel.Information, "The promotion that replaces {Master} is ordered: commands are held for it")]
    public static partial void Holding(ILogger logger, ConvoyRedisEndpoint? master);

    [LoggerMessage(8, LogLevel.Warning, "The master {Master} is dead: commands wait for the next one, up to command_timeout. If none follows: {Cure}")]
    public static partial void MasterGivenUp(ILogger logger, ConvoyRedisEndpoint? master, string cure);

    [LoggerMessage(9, LogLevel.Information, "The failover is off: {Master} stays the master")]
    public static partial void FailoverOff(ILogger logger, ConvoyRedisEndpoint? master);

    [LoggerMessage(10, LogLevel.Debug, "Master {Master} is not ready: {Reason}")]
    public static partial void MasterNotReady(ILogger logger, ConvoyRedisEndpoint master, string reason);

    [LoggerMessage(11, LogLevel.Warning, "{Node} lets this user not see its ROLE ('{Error}'): a demoted master is noticed late.")]
    public static partial void RoleNotVisible(ILogger logger, ConvoyRedisEndpoint node, string error);

    [LoggerMessage(12, LogLevel.Warning, "{Node} is a replica: writes to it fail (READONLY). {Cure}")]
    public static partial void ReplicaAccepted(ILogger logger, ConvoyRedisEndpoint node, string cure);

    [LoggerMessage(13, LogLevel.Warning, "A connection to {Node} is cut in place of a handover: {Reason}")]
    public static partial void HandoverFailed(ILogger logger, ConvoyRedisEndpoint node, string reason);

    [LoggerMessage(14, LogLevel.Warning, "{Node} is no master any more: the connection to it is cut, and waits for a master")]
    public static partial void MasterDemoted(ILogger logger, ConvoyRedisEndpoint node);

    [LoggerMessage(15, LogLevel.Warning, "Commands wait for master {Master}: {Reason}")]
    public static partial void MasterObstructed(ILogger logger, ConvoyRedisEndpoint master, string reason);

    [LoggerMessage(16, LogLevel.Information, "Master {Master} takes commands again")]
    public static partial void MasterReady(ILogger logger, ConvoyRedisEndpoint master);

    [LoggerMessage(17, LogLevel.Warning, "The master refuses writes: {Error} {Cure}")]
    public static partial void WriteRefused(ILogger logger, string error, string? cure);

    [LoggerMessage(18, LogLevel.Warning, "Replica {Replica} of {Master} has been behind for {Seconds} s: a failover to it would lose writes. {Cure}")]
    public static partial void ReplicaBehind(ILogger logger, string replica, ConvoyRedisEndpoint master, double seconds, string cure);

    [LoggerMessage(19, LogLevel.Information, "Replica {Replica} of {Master} is in step again")]
    public static partial void ReplicaInStep(ILogger logger, string replica, ConvoyRedisEndpoint master);

    [LoggerMessage(49, LogLevel.Debug, "{Node} refused {Command} in a handover; the connection works without it")]
    public static partial void ReplayRefused(ILogger logger, ConvoyRedisEndpoint node, string command);

    [LoggerMessage(30, LogLevel.Information, "The settings have changed: the connection has logged in anew")]
    public static partial void LoggedInAnew(ILogger logger);

    [LoggerMessage(31, LogLevel.Information, "The settings have changed: the connection leads to {Target} now")]
    public static partial void Switched(ILogger logger, string target);

    [LoggerMessage(32, LogLevel.Error, "A change of the settings is ignored, and the connection stays as it is: {Problem}")]
    public static partial void ReloadFailed(ILogger logger, string problem);

    [LoggerMessage(33, LogLevel.Warning, "A change of the settings takes effect when the process is started anew: {Settings}")]
    public static partial void RestartNeeded(ILogger logger, string settings);

    [LoggerMessage(34, LogLevel.Warning, "{Server} does not take the new login yet: {Error} The connection stays logged in as before, and tries again")]
    public static partial void LoginNotTaken(ILogger logger, ConvoyRedisEndpoint server, string error);

    [LoggerMessage(28, LogLevel.Information, "Master found at {Node}; leaving the replica")]
    public static partial void ReplicaLeft(ILogger logger, ConvoyRedisEndpoint node);

    [LoggerMessage(20, LogLevel.Information, "Sentinel {Sentinel} is linked")]
    public static partial void SentinelLinked(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(21, LogLevel.Warning, "Sentinel {Sentinel} is not linked: {Reason} {Cure}")]
    public static partial void SentinelLost(ILogger logger, ConvoyRedisEndpoint sentinel, string reason, string? cure);

    [LoggerMessage(22, LogLevel.Debug, "Sentinel {Sentinel} says {Channel} {Text}")]
    public static partial void SentinelSaid(ILogger logger, ConvoyRedisEndpoint sentinel, string channel, string text);

    [LoggerMessage(23, LogLevel.Debug, "Decided: {Decision}")]
    public static partial void MasterDecided(ILogger logger, MasterDecision decision);

    [LoggerMessage(24, LogLevel.Information, "Sentinel {Sentinel} is named by another one")]
    public static partial void SentinelDiscovered(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(25, LogLevel.Error, "Sentinel {Sentinel} lets us not subscribe to its events; it is only asked each second, so that failovers are "
        + "followed late and planned ones not handed over. {Reason} It needs: +subscribe and &*")]
    public static partial void SentinelNotSubscribed(ILogger logger, ConvoyRedisEndpoint sentinel, string reason);

    [LoggerMessage(26, LogLevel.Warning, "The sentinels cannot fail over: {Reason} {Cure}")]
    public static partial void QuorumLost(ILogger logger, string reason, string cure);

    [LoggerMessage(27, LogLevel.Information, "Sentinel {Sentinel} says that a failover is possible again")]
    public static partial void QuorumRestored(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(50, LogLevel.Error, "A handler of MasterChanged threw an exception; other handlers and the connection go on")]
    public static partial void HandlerFailed(ILogger logger, Exception exception);

    [LoggerMessage(51, LogLevel.Warning, "The credential provider {Provider} returned a login that expires at {Expiry}, but the time here is {Now}; using it "
        + "until a server refuses it, and asking again after ever longer pauses. Check this machine's clock and the provider's cache")]
    public static partial void CredentialExpired(ILogger logger, string provider, string expiry, string now);

    [LoggerMessage(52, LogLevel.Warning, "The credential provider {Provider} did not renew the login: {Reason}. Using the last one, and trying again")]
    public static partial void CredentialNotRenewed(ILogger logger, string provider, string reason);

    [LoggerMessage(40, LogLevel.Error, "{Part} failed unexpectedly. This is a fault in the library; please report it.")]
    public static partial void PartFailed(ILogger logger, string part, Exception exception);

    [LoggerMessage(41, LogLevel.Warning, "Sentinel {Sentinel} names {Other} as the master at epoch {Epoch}; the connection follows {Master}. {Cure}")]
    public static partial void SentinelDisagrees(
        ILogger logger, ConvoyRedisEndpoint sentinel, ConvoyRedisEndpoint other, long epoch, ConvoyRedisEndpoint? master, string cure);

    [LoggerMessage(42, LogLevel.Information, "Sentinel {Sentinel} no longer names another master")]
    public static partial void SentinelAgrees(ILogger logger, ConvoyRedisEndpoint sentinel);

    [LoggerMessage(43, LogLevel.Warning, "Sentinels named more than {Limit} other sentinels; not connecting to {Sentinel}")]
    public static partial void TooManySentinels(ILogger logger, int limit, ConvoyRedisEndpoint sentinel);
}
