namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Finds what somebody may have meant who wrote an unknown name.</summary>
internal static class Closest
{
    /// <summary>"; did you mean X?", or nothing when no name is near.</summary>
    public static string Hint(string written, IEnumerable<string> known)
    {
        var (name, distance) = known.Select(name => (name, Distance(written.ToUpperInvariant(), name.ToUpperInvariant())))
            .MinBy(candidate => candidate.Item2);
        return distance <= written.Length / 3 ? $"; did you mean {name}?" : "";
    }

    // Levenshtein's distance.
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
