using System.Net;
using System.Reflection;

namespace ConvoyRedis.Testing.Processes;

/// <summary>The configuration of one server: the lines of its file, and what it takes to talk to it.</summary>
internal sealed class ServerConfiguration
{
    public const string DefaultHost = "127.0.0.1";

    /// <summary>The name of the log in the server's directory.</summary>
    public const string LogName = "log";

    /// <summary>The argument that makes a server a sentinel.</summary>
    public const string Sentinel = "--sentinel";

    private readonly List<string> _lines = [];

    /// <summary>Where its configuration and its log are.</summary>
    public required string Directory { get; init; }

    /// <summary>Where it keeps its data; null for the same.</summary>
    public string? DataDirectory { get; init; }

    public required int Port { get; init; }

    public string Host { get; init; } = DefaultHost;

    /// <summary>Whether <see cref="Host"/> is a name, and no address.</summary>
    public bool IsHostName => !IPAddress.TryParse(Host, out _);

    public bool IsSentinel { get; init; }

    /// <summary>The certificates; null without TLS.</summary>
    public TestCertificates? Tls { get; init; }

    /// <summary>Whether clients must show a certificate.</summary>
    public bool DemandClientCertificate { get; init; }

    /// <summary>The arguments of AUTH for the lab itself; empty for none.</summary>
    public IReadOnlyList<string> Login { get; init; } = [];

    public string LogFile => Path.Combine(Directory, LogName);

    public IEnumerable<string> Arguments => IsSentinel ? [ConfigurationFile, Sentinel] : [ConfigurationFile];

    private string ConfigurationFile => Path.Combine(Directory, IsSentinel ? "sentinel.conf" : "redis.conf");

    /// <summary>The guide's recommendations from an embedded file, without its comments, which redis.conf would refuse.</summary>
    /// <param name="name">The file.</param>
    /// <param name="keep">Which of its lines to take.</param>
    /// <param name="masterName">What the master is called in place of the guide's name for it.</param>
    public void AddGuide(string name, Func<string, bool> keep, string masterName = "convoy-redis")
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"ConvoyRedis.Testing.Guide.{name}")!;
        using var reader = new StreamReader(stream);
        _lines.AddRange(reader.ReadToEnd().Split('\n').Select(line => line.Trim().Replace("convoy-redis", masterName, StringComparison.Ordinal))
            .Where(line => line.Length > 0 && !line.StartsWith(";;", StringComparison.Ordinal) && keep(line)));
    }

    /// <summary>Adds lines; for a setting that is given twice, Redis takes the later line.</summary>
    public void Add(params IEnumerable<string> lines) => _lines.AddRange(lines);

    /// <summary>Adds what every server of the lab has: its port, its place, and TLS.</summary>
    public void AddPlace(LabMachine machine)
    {
        Add(machine.Listen(Host));
        Add($"dir {DataDirectory ?? Directory}", $"logfile {LogFile}", "daemonize no");
        if (Tls is null)
        {
            Add($"port {Port}");
            return;
        }

        Add("port 0", $"tls-port {Port}", "tls-replication yes",
            $"tls-cert-file {Tls.ServerCertificateFile}", $"tls-key-file {Tls.ServerKeyFile}", $"tls-ca-cert-file {Tls.AuthorityFile}",

            // As clients of each other: replicas of their master, sentinels and cluster nodes of everybody.
            $"tls-client-cert-file {Tls.ClientCertificateFile}", $"tls-client-key-file {Tls.ClientKeyFile}",
            $"tls-auth-clients {(DemandClientCertificate ? "yes" : "no")}");
    }

    /// <summary>Writes the file, over whatever the server made of it.</summary>
    public void Write()
    {
        // It may belong to the server by now.
        File.Delete(ConfigurationFile);
        File.WriteAllLines(ConfigurationFile, _lines);
    }
}
