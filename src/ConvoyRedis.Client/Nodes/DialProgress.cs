using System.Net;
using System.Security.Authentication;

namespace ConvoyRedis.Client.Nodes;

/// <summary>The progress of connecting to one node, so that the message of a failure can name the setting to check.</summary>
internal sealed class DialProgress(ConvoyRedisEndpoint node, NodeAccess access)
{
    /// <summary>The node, where it is reachable.</summary>
    public ConvoyRedisEndpoint Node { get; } = node;

    public DialStage Stage { get; set; }

    /// <summary>The addresses that were tried, each with its result.</summary>
    public Dictionary<IPAddress, string> Addresses { get; } = [];

    /// <summary>The result of each address, without the address if it is also the name.</summary>
    public string AddressesText => string.Join("; ", Addresses.Select(
        tried => tried.Key.ToString() == Node.Host ? tried.Value : $"{tried.Key}: {tried.Value}"));

    /// <summary>What is wrong with the server's certificate; null if nothing, or if there was none yet.</summary>
    public string? CertificateRejection { get; set; }

    /// <summary>Whether the server asked for a client certificate and we have none.</summary>
    public bool ClientCertificateMissing { get; set; }

    private string Subject => access.Side.Length == 0 ? Node.ToString() : $"Sentinel {Node}";

    private string TlsSettings => access.Side.Length == 0 ? "scheme and tls" : $"scheme, tls and {access.Side}tls";

    private string Defaults => access.HasRoles ? "" : " (by default those of the nodes, without sentinel_)";

    /// <summary>The node took longer than <see cref="NodeAccess.ConnectTimeout"/>.</summary>
    public ConvoyRedisConnectionException TimedOut()
    {
        var what = Stage switch
        {
            DialStage.Resolving => "was not resolved",
            DialStage.Connecting => "was not reached",
            DialStage.Securing => "did not complete the TLS handshake",
            _ => "accepted the connection but did not answer",
        };
        var advice = Stage switch
        {
            DialStage.Connecting when Addresses.Count > 1 => $" {AddressesText}.",
            DialStage.Securing => $" If it does not use TLS, check {TlsSettings}.",
            _ => "",
        };
        return Unreachable($"{Subject} {what} within {access.ConnectTimeout.TotalMilliseconds} ms (connect_timeout).{advice}");
    }

    /// <summary>The connection could not be made, or ended.</summary>
    public ConvoyRedisConnectionException Failed(Exception exception) => Stage switch
    {
        DialStage.Resolving or DialStage.Connecting => Unreachable($"{Subject}: {exception.Message.TrimEnd('.')}.", exception),
        DialStage.Securing when CertificateRejection is not null => new ConvoyRedisConnectionException(ConvoyRedisFault.Certificate,
            $"The certificate of {Subject} was refused: {CertificateRejection}. Check {access.Side}tls_ca_cert_file and {access.Side}tls_server_name{Defaults}.", exception),
        DialStage.Securing when exception is AuthenticationException => new ConvoyRedisConnectionException(ConvoyRedisFault.TlsMismatch,
            $"{Subject} did not answer with TLS 1.2 or 1.3: {exception.Message} Check {TlsSettings}.", exception),
        DialStage.Securing => Unreachable($"{Subject} aborted the TLS handshake: {exception.Message} Check {TlsSettings}.", exception),

        // In TLS 1.3 the client has long finished its handshake when the server refuses what came with it.
        _ when ClientCertificateMissing => new ConvoyRedisConnectionException(ConvoyRedisFault.Certificate,
            $"{Subject} requires a client certificate: set {access.Side}tls_cert_file and {access.Side}tls_key_file{Defaults}.", exception),
        _ => Unreachable($"{Subject} closed the connection instead of answering: {exception.Message} {ClosedAdvice}", exception),
    };

    private string ClosedAdvice => access.Tls is null
        ? $"If it requires TLS, check {TlsSettings}."
        : $"If it refuses the client certificate, check {access.Side}tls_cert_file{Defaults}.";

    private static ConvoyRedisConnectionException Unreachable(string message, Exception? cause = null) =>
        new(ConvoyRedisFault.Unreachable, message, cause);
}
