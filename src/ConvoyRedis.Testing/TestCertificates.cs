using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ConvoyRedis.Testing;

/// <summary>A certificate authority that is made in code, and a server and a client certificate that it issued, as PEM files.</summary>
public sealed class TestCertificates : IDisposable
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);
    private static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(30);

    private readonly X509Certificate2 _issuer;
    private readonly string _intermediate;
    private readonly string _directory;

    /// <summary>Makes the certificates.</summary>
    /// <param name="directory">Where the files go; must exist.</param>
    /// <param name="serverNames">
    /// The host names and IP addresses that the server certificate is made out to; by default localhost, 127.0.0.1 and ::1.
    /// </param>
    /// <param name="serverLifetime">How long from now the server certificate is valid, 1 day by default; negative for one that has expired.</param>
    /// <param name="intermediateAuthority">
    /// Whether an intermediate authority issues the certificates; its own stands behind them in their files. False by default: the authority itself.
    /// </param>
    public TestCertificates(
        string directory, IReadOnlyList<string>? serverNames = null, TimeSpan? serverLifetime = null, bool intermediateAuthority = false)
    {
        _directory = directory;
        var root = CreateAuthority("authority", null);
        _issuer = intermediateAuthority ? CreateAuthority("intermediate authority", root) : root;
        _intermediate = intermediateAuthority ? "\n" + _issuer.ExportCertificatePem() : "";
        File.WriteAllText(AuthorityFile, root.ExportCertificatePem());
        if (intermediateAuthority)
            root.Dispose();

        Issue("server", "1.3.6.1.5.5.7.3.1", serverNames ?? ["localhost", "127.0.0.1", "::1"], serverLifetime ?? Age);
        Issue("client", "1.3.6.1.5.5.7.3.2", [], Age);
    }

    /// <summary>The authority's certificate.</summary>
    public string AuthorityFile => Path.Combine(_directory, "ca.pem");

    /// <summary>The server's certificate.</summary>
    public string ServerCertificateFile => Path.Combine(_directory, "server.pem");

    /// <summary>The key of the server's certificate.</summary>
    public string ServerKeyFile => Path.Combine(_directory, "server.key");

    /// <summary>The client's certificate.</summary>
    public string ClientCertificateFile => Path.Combine(_directory, "client.pem");

    /// <summary>The key of the client's certificate.</summary>
    public string ClientKeyFile => Path.Combine(_directory, "client.key");

    /// <summary>Releases the authority's key; the files remain.</summary>
    public void Dispose() => _issuer.Dispose();

    // The lab talks to servers that it has started itself, also to those whose certificate is expired or misnamed on purpose: it knows
    // them by the very certificate that it made for them.
    internal SslClientAuthenticationOptions LabClientOptions() => new()
    {
        TargetHost = "localhost",
        RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is X509Certificate2 shown && File.ReadAllText(ServerCertificateFile).StartsWith(shown.ExportCertificatePem(), StringComparison.Ordinal),
        ClientCertificates = [X509Certificate2.CreateFromPemFile(ClientCertificateFile, ClientKeyFile)],
    };

    // Of its own, or issued by another one.
    private static X509Certificate2 CreateAuthority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test {name} {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var (begin, end) = (DateTimeOffset.UtcNow - AuthorityLifetime, DateTimeOffset.UtcNow + AuthorityLifetime);
        if (issuer is null)
            return request.CreateSelfSigned(begin, end);
        using var issued = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    private void Issue(string name, string usage, IReadOnlyList<string> subjects, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (subjects.Count > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (var subject in subjects)
            {
                if (IPAddress.TryParse(subject, out var address))
                    names.AddIpAddress(address);
                else
                    names.AddDnsName(subject);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        var now = DateTimeOffset.UtcNow;
        var end = now + lifetime;
        using var certificate = request.Create(_issuer, (end < now ? end : now) - Age, end, RandomNumberGenerator.GetBytes(16));
        File.WriteAllText(Path.Combine(_directory, $"{name}.pem"), certificate.ExportCertificatePem() + _intermediate);
        File.WriteAllText(Path.Combine(_directory, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
