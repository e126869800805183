using System.Net;

namespace ConvoyRedis.Client.Nodes;

/// <summary>One address of a node that is dialled: how far that has got, and what was found out.</summary>
/// <param name="address">The address; null for a Unix socket.</param>
/// <param name="time">The clock.</param>
internal sealed class DialAttempt(IPAddress? address, TimeProvider time)
{
    /// <summary>The address; null for a Unix socket.</summary>
    public IPAddress? Address => address;

    public DialStage Stage
    {
        get;
        set => (field, LastStep) = (value, time.GetTimestamp());
    } = DialStage.Connecting;

    /// <summary>When it got to its stage.</summary>
    public long LastStep { get; private set; } = time.GetTimestamp();

    /// <summary>What is wrong with the server's certificate; null if nothing, or if there was none yet.</summary>
    public string? CertificateRejection { get; set; }

    /// <summary>Whether the server asked for a client certificate and we have none.</summary>
    public bool ClientCertificateMissing { get; set; }

    /// <summary>What the server said that is no reply, without secrets; empty if nothing.</summary>
    public string Said { get; set; } = "";

    /// <summary>Why it failed; null while it has not.</summary>
    public Exception? Failure { get; set; }
}
