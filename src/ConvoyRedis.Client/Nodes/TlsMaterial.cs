using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Nodes;

/// <summary>The certificate files of one side of a target, read once per connection: whom to trust, and how to identify ourselves.</summary>
internal sealed class TlsMaterial : IDisposable
{
    private readonly X509Certificate2Collection? _authorities;
    private readonly X509Certificate2Collection _clientChain = [];
    private readonly X509Certificate2? _client;
    private readonly SslStreamCertificateContext? _clientContext;
    private readonly string? _serverName;
    private readonly bool _skipVerify;

    private TlsMaterial(bool skipVerify, string? serverName, (Setting Setting, string? Path) authorities, (Setting Setting, string? Path) certificate, string? key)
    {
        _serverName = serverName;
        _skipVerify = skipVerify;
        if (authorities.Path is { } trusted)
            _authorities = ReadCertificates(authorities.Setting.Key, trusted);
        if (certificate.Path is { } own && key is not null)
        {
            // What follows the first certificate in the file are the intermediates that the server may need to verify it.
            _clientChain = ReadCertificates(certificate.Setting.Key, own);
            _client = ReadClient(certificate.Setting.Key, own, key);
            _clientContext = SslStreamCertificateContext.Create(_client, _clientChain, offline: true);
        }
    }

    /// <summary>Reads what is used to the data nodes.</summary>
    /// <exception cref="ConvoyRedisConnectionException">A file cannot be read or has the wrong content.</exception>
    public static TlsMaterial ToData(ConvoyRedisTarget target) => new(
        target.TlsSkipVerify,
        target.TlsServerName,
        (Settings.TlsCaCertFile, target.TlsCaCertFile),
        (Settings.TlsCertFile, target.TlsCertFile),
        target.TlsKeyFile)
    {
        ClusterNames = target is { Topology: ConvoyRedisTopology.Cluster, TlsServerName: null } ? [.. target.Endpoints.Select(endpoint => endpoint.Host.TrimEnd('.'))] : [],
    };

    /// <summary>Reads what is used to the sentinels.</summary>
    /// <exception cref="ConvoyRedisConnectionException">A file cannot be read or has the wrong content.</exception>
    public static TlsMaterial ToSentinels(ConvoyRedisTarget target) => new(
        target.TlsSkipVerify,
        target.SentinelTlsServerName,
        (target.SentinelTlsCaCertFile == target.TlsCaCertFile ? Settings.TlsCaCertFile : Settings.SentinelTlsCaCertFile, target.SentinelTlsCaCertFile),
        (target.SentinelTlsCertFile == target.TlsCertFile ? Settings.TlsCertFile : Settings.SentinelTlsCertFile, target.SentinelTlsCertFile),
        target.SentinelTlsKeyFile);

    private IReadOnlyList<string> ClusterNames { get; init; } = [];

    /// <summary>How to authenticate a node; what is wrong with its certificate, or missing on our side, is noted in the attempt.</summary>
    /// <param name="announced">Its host, as it is announced.</param>
    /// <param name="reachable">Its host, as the address map has it: the settings vouch for both.</param>
    /// <param name="attempt">The attempt.</param>
    public SslClientAuthenticationOptions ClientOptions(string announced, string reachable, DialAttempt attempt)
    {
        IReadOnlyList<string> names = [.. (_serverName is { } name ? [name] : (string[])[announced, reachable]).Select(name => name.TrimEnd('.')).Distinct()];
        return new()
        {
            // A name is sent to the server (SNI), an address is not.
            TargetHost = names.FirstOrDefault(name => !IPAddress.TryParse(name, out _), names[0]),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = _clientContext,
            CertificateChainPolicy = TrustPolicy(),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                if (certificate is X509Certificate2 shown && (IsFor(names, shown) || IsOfCluster(announced, shown)))
                    errors &= ~SslPolicyErrors.RemoteCertificateNameMismatch;
                if (_skipVerify || errors == SslPolicyErrors.None)
                    return true;
                attempt.CertificateRejection = Describe(errors, certificate, chain, names);
                return false;
            },

            // Called a second time, and then with the server's certificate, when the server asks for ours.
            LocalCertificateSelectionCallback = _client is not null ? null : (_, _, _, remoteCertificate, _) =>
            {
                attempt.ClientCertificateMissing = remoteCertificate is not null;
                return null!;
            },
        };
    }

    public void Dispose()
    {
        _client?.Dispose();
        foreach (var certificate in _clientChain.Concat(_authorities ?? []))
            certificate.Dispose();
    }

    // A cluster that lists its nodes by address has certificates for the host name of the cluster.
    private bool IsOfCluster(string host, X509Certificate2 shown) => IPAddress.TryParse(host, out _) && IsFor(ClusterNames, shown);

    // What is no host name, no certificate is for.
    private static bool IsFor(IReadOnlyList<string> names, X509Certificate2 shown) =>
        names.Any(name => Uri.CheckHostName(name) != UriHostNameType.Unknown && shown.MatchesHostname(name));

    private X509ChainPolicy? TrustPolicy()
    {
        if (_authorities is null)
            return null;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    private static string Describe(SslPolicyErrors errors, X509Certificate? certificate, X509Chain? chain, IReadOnlyList<string> expected)
    {
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            reasons.Add("the server sent none");
        if (certificate is X509Certificate2 named)
        {
            var only = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "only " : "";
            reasons.Add($"it is valid {only}for {ServerText.Shown(Names(named))} (expected: {string.Join(" or ", expected)})");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
            reasons.AddRange(chain.ChainStatus.Select(status => $"{status.Status}: {status.StatusInformation.TrimEnd()}").Distinct());
        return string.Join("; ", reasons);
    }

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(ip => ip.ToString())))
            .ToList();
        return names.Count > 0 ? string.Join(", ", names) : certificate.Subject;
    }

    private static X509Certificate2Collection ReadCertificates(string setting, string path)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPemFile(path);
        }
        catch (Exception exception) when (IsFileProblem(exception))
        {
            throw FileError($"{setting} '{path}': {exception.Message}");
        }

        return certificates.Count > 0 ? certificates : throw FileError($"{setting} '{path}' contains no certificate in PEM format.");
    }

    private static X509Certificate2 ReadClient(string setting, string certificate, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception exception) when (IsFileProblem(exception))
        {
            throw FileError($"{setting} '{certificate}' and its key '{key}' do not belong together: {exception.Message}");
        }
    }

    private static bool IsFileProblem(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or NotSupportedException;

    // The exception is not attached: the message of a key file parser may quote the key.
    private static ConvoyRedisConnectionException FileError(string message) => new(ConvoyRedisFault.CertificateFile, message);
}
