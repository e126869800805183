using System.Security.Cryptography;
using System.Text;

namespace ConvoyRedis.Client.Nodes;

/// <summary>Detects new contents of the TLS files, which are replaced under the same names.</summary>
internal static class TlsFiles
{
    /// <summary>A digest of their contents.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file must not be read.</exception>
    public static string Digest(ConvoyRedisTarget target)
    {
        var contents = Settings.All.Where(setting => setting.IsFile).Select(setting => target[setting] is string path ? File.ReadAllText(path) : "");
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', contents))));
    }

    /// <summary>A digest of their contents; null when a file cannot be read.</summary>
    public static string? TryDigest(ConvoyRedisTarget target)
    {
        try
        {
            return Digest(target);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
