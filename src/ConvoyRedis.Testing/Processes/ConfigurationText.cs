using System.Text;

namespace ConvoyRedis.Testing.Processes;

/// <summary>Writes values into redis.conf.</summary>
internal static class ConfigurationText
{
    /// <summary>Quotes a value, so that every character in it is taken as it is.</summary>
    public static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (octet is (byte)'"' or (byte)'\\')
                quoted.Append('\\').Append((char)octet);
            else if (octet is >= 0x20 and < 0x7f)
                quoted.Append((char)octet);
            else
                quoted.Append("\\x").Append(octet.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return quoted.Append('"').ToString();
    }
}
