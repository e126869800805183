using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ConvoyRedis.Client.Nodes;

/// <summary>The progress of connecting to one node, so that the message of a failure can name the setting to check.</summary>
/// <param name="node">The node, where it is reachable.</param>
/// <param name="announced">The node, as it is announced.</param>
/// <param name="access">How it is dialled.</param>
internal sealed class DialProgress(ConvoyRedisEndpoint node, ConvoyRedisEndpoint announced, NodeAccess access)
{
    private readonly List<DialAttempt> _attempts = [];

    /// <summary>The node, where it is reachable.</summary>
    public ConvoyRedisEndpoint Node { get; } = node;

    private string Subject => access.Side.Length == 0 ? Node.ToString() : $"Sentinel {Node}";

    private string TlsSettings => access.Side.Length == 0 ? "scheme and tls" : $"scheme, tls and {access.Side}tls";

    private string Defaults => access.HasRoles ? "" : " (by default those of the nodes, without sentinel_)";

    // The address at which most was achieved says most about what is wrong; null while the name is resolved.
    private DialAttempt? Furthest => _attempts.MaxBy(attempt => attempt.Stage);

    // The result of each address, without the address if it is also the name.
    private string AddressesText => string.Join("; ", _attempts.Select(
        tried => $"{tried.Address}" == Node.Host ? Result(tried) : $"{tried.Address}: {Result(tried)}"));

    /// <summary>Whether another address of the name may do better. A refusal that lasts is that of the node, at whatever address.</summary>
    public static bool IsOfAnAddress(Exception exception) =>
        exception is SocketException or IOException or AuthenticationException or ConvoyRedisConnectionException { IsFinal: false };

    /// <summary>An address is dialled.</summary>
    public DialAttempt Begin(IPAddress? address, TimeProvider time)
    {
        var attempt = new DialAttempt(address, time);
        _attempts.Add(attempt);
        return attempt;
    }

    /// <summary>The node took longer than <see cref="NodeAccess.ConnectTimeout"/>.</summary>
    public ConvoyRedisConnectionException TimedOut()
    {
        var what = Furthest?.Stage switch
        {
            null => "was not resolved",
            DialStage.Connecting => "was not reached",
            DialStage.Securing => "did not complete the TLS handshake",
            _ => "accepted the connection but did not answer",
        };
        var each = _attempts.Count > 1 ? $" {AddressesText}." : "";
        var advice = Furthest?.Stage == DialStage.Securing ? $" If it does not use TLS, check {TlsSettings}." : "";
        return Unreachable($"{Subject} {what} within {access.ConnectTimeout.TotalMilliseconds} ms (connect_timeout).{each}{advice}");
    }

    /// <summary>No address of the node led to a connection.</summary>
    public Exception Failed()
    {
        var furthest = Furthest!;
        return furthest.Stage == DialStage.Connecting ? new IOException(AddressesText, furthest.Failure)
            : furthest.Failure as ConvoyRedisConnectionException ?? Failed(furthest.Failure!);
    }

    /// <summary>The connection could not be made, or ended.</summary>
    public ConvoyRedisConnectionException Failed(Exception exception) => Furthest switch
    {
        null => Unreachable($"{Subject}: {exception.Message.TrimEnd('.')}.{NameAdvice}", exception),
        { Stage: DialStage.Connecting } => Unreachable($"{Subject}: {exception.Message.TrimEnd('.')}.", exception),
        { Stage: DialStage.Securing, CertificateRejection: { } rejection } => new ConvoyRedisConnectionException(ConvoyRedisFault.Certificate,
            $"The certificate of {Subject} was refused: {rejection}. Check {access.Side}tls_ca_cert_file and {access.Side}tls_server_name{Defaults}.", exception),
        { Stage: DialStage.Securing } when exception is AuthenticationException => new ConvoyRedisConnectionException(ConvoyRedisFault.TlsMismatch,
            $"{Subject} did not answer with TLS 1.2 or 1.3: {exception.Message} Check {TlsSettings}.", exception),
        { Stage: DialStage.Securing } => Unreachable(
            $"{Subject} aborted the TLS handshake: {exception.Message} Check {TlsSettings}; a node with as many clients as its maxclients allows does so too.", exception),

        // In TLS 1.3 the client has long finished its handshake when the server refuses what came with it.
        { ClientCertificateMissing: true } => new ConvoyRedisConnectionException(ConvoyRedisFault.Certificate,
            $"{Subject} requires a client certificate: set {access.Side}tls_cert_file and {access.Side}tls_key_file{Defaults}.", exception),
        { Said: { Length: > 0 } said } => Unreachable($"{Subject} said '{said}' instead of answering: {exception.Message} Check that it is a Redis server.", exception),
        _ => Unreachable($"{Subject} closed the connection instead of answering: {exception.Message} {ClosedAdvice}", exception),
    };

    private string ClosedAdvice => access.Tls is null
        ? $"If it requires TLS, check {TlsSettings}."
        : $"If it refuses the client certificate, check {access.Side}tls_cert_file{Defaults}.";

    private string NameAdvice => access.IsConfigured(announced) ? ""
        : " The deployment announced this name: if the name does not resolve here, map it to a reachable address with address_map.";

    private static string Result(DialAttempt tried) => tried.Failure?.Message.TrimEnd('.') ?? "no answer";

    private static ConvoyRedisConnectionException Unreachable(string message, Exception? cause = null) =>
        new(ConvoyRedisFault.Unreachable, message, cause);
}
