namespace ConvoyRedis.Testing;

/// <summary>The TLS options of a topology, which then uses TLS on every port, with certificates that are made for it.</summary>
public sealed class TlsSettings
{
    /// <summary>Whether clients must show a certificate; false by default.</summary>
    public bool DemandClientCertificate { get; init; }

    /// <summary>The host names and IP addresses in the server certificate; by default localhost, 127.0.0.1 and ::1.</summary>
    public IReadOnlyList<string>? ServerNames { get; init; }

    /// <summary>
    /// Whether an intermediate authority, whose certificate the servers send along, issues the certificates, as public authorities do; false by default:
    /// the authority itself.
    /// </summary>
    public bool IntermediateAuthority { get; init; }

    /// <summary>How long from now the server certificate is valid; 1 day by default, negative for one that has expired.</summary>
    public TimeSpan? ServerLifetime { get; init; }
}
