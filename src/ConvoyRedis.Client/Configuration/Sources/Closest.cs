namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Suggests a known name for an unknown one.</summary>
internal static class Closest
{
    /// <summary>The end of a sentence: "; did you mean X?", or just a full stop when no name is near.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">The names that there are.</param>
    /// <param name="prefix">What all of them begin with, and which says nothing.</param>
    public static string Hint(string written, IEnumerable<string> known, string prefix = "")
    {
        var own = written[prefix.Length..].ToUpperInvariant();
        var (name, hasWords, distance) = known
            .Select(name => (Name: name, Other: name[prefix.Length..].ToUpperInvariant()))
            .Select(candidate => (candidate.Name, HasWords(candidate.Other, own), Distance(own, candidate.Other)))
            .MinBy(candidate => (!candidate.Item2, candidate.Item3));
        return hasWords || distance <= own.Length / 3 ? $"; did you mean {name}?" : ".";
    }

    // MASTER_NAME has all of its words in SENTINEL_MASTER_NAME.
    private static bool HasWords(string name, string written) => !written.Split('_').Except(name.Split('_')).Any();

    // Levenshtein's distance, with two letters the wrong way round as one mistake.
    private static int Distance(string left, string right)
    {
        var distances = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            distances[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            distances[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = distances[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                var best = Math.Min(substituted, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
                var isSwapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                distances[i, j] = isSwapped ? Math.Min(best, distances[i - 2, j - 2] + 1) : best;
            }
        }

        return distances[left.Length, right.Length];
    }
}
