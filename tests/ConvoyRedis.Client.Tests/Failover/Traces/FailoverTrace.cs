using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ConvoyRedis.Client.Failover;

namespace ConvoyRedis.Client.Tests.Failover.Traces;

/// <summary>
/// A failover as it was observed, one line each: the milliseconds since the beginning and the observation; and indented under it what the
/// tracker decided. Nodes are n1, n2, …, sentinels s1, s2, …; a line that begins with # is a comment.
/// </summary>
internal sealed partial class FailoverTrace
{
    private readonly StringBuilder _text = new();

    /// <summary>The observations, each with its time.</summary>
    public List<(TimeSpan At, FailoverObservation Observation, IReadOnlyList<string> Decisions)> Steps { get; } = [];

    /// <summary>The trace as a text.</summary>
    public override string ToString() => _text.ToString();

    public void Comment(string comment) => _text.Append("# ").Append(comment).Append('\n');

    public void Add(TimeSpan at, FailoverObservation observation, IEnumerable<MasterDecision> decisions)
    {
        var texts = decisions.Select(decision => decision.ToString()).ToList();
        Steps.Add((at, observation, texts));
        _text.Append(CultureInfo.InvariantCulture, $"{at.TotalMilliseconds,6:F0}  {Named(observation.ToString())}\n");
        foreach (var decision in texts)
            _text.Append("          => ").Append(Named(decision)).Append('\n');
    }

    public static FailoverTrace Parse(string text)
    {
        var trace = new FailoverTrace();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('#'))
                trace.Comment(line[2..]);
            else if (!line.StartsWith("=> ", StringComparison.Ordinal))
                trace.Read(line);
            else
                trace.ReadDecision(line[3..]);
        }

        return trace;
    }

    /// <summary>The address that stands for a name: s2 is 127.0.0.2:26379, n3 is 127.0.0.3:6379.</summary>
    public static ConvoyRedisEndpoint Endpoint(string name) => new($"127.0.0.{name[1..]}", name[0] == 's' ? 26379 : 6379);

    private static string Named(string text) =>
        Address().Replace(text, match => $"{(match.Groups[2].Value == "26379" ? 's' : 'n')}{match.Groups[1].Value}");

    private void Read(string line)
    {
        var (at, rest) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[line.IndexOf(' ', StringComparison.Ordinal)..].Trim());
        var words = rest.Split(' ');
        var who = words is ["time", ..] ? default : Endpoint(words[0]);
        FailoverObservation observation = words[1..] switch
        {
            ["passed"] => new TimePassed(),
            ["names", var master, "at", "epoch", var epoch, .. var more] => new SentinelAnswered(
                who, Endpoint(master), long.Parse(epoch, CultureInfo.InvariantCulture), more.Contains("tilt"),
                more.Select(word => Enum.TryParse<MasterHealth>(word, out var health) ? health : MasterHealth.Up).Append(MasterHealth.Up).Max(), !more.Contains("vote")),
            ["says", var kind] => new SentinelEvent(who, Enum.Parse<SentinelEventKind>(kind)),
            ["says", var kind, "of", var master] => new SentinelEvent(who, Enum.Parse<SentinelEventKind>(kind), Endpoint(master)),
            ["says", var kind, "of", var master, "for", var candidate] =>
                new SentinelEvent(who, Enum.Parse<SentinelEventKind>(kind), Endpoint(master), Endpoint(candidate)),
            ["is", "lost"] => new SentinelLost(who),
            ["is", "a", "master"] => new CandidateProbed(who, IsMaster: true),
            ["is", "no", "master", "yet"] => new CandidateProbed(who, IsMaster: false),
            ["is", "no", "master", "any", "more"] => new MasterDemoted(who),
            _ => throw new FormatException(line),
        };
        Add(TimeSpan.FromMilliseconds(int.Parse(at, CultureInfo.InvariantCulture)), observation, []);
    }

    private void ReadDecision(string decision)
    {
        var (at, observation, decisions) = Steps[^1];
        Steps[^1] = (at, observation, [.. decisions, Name().Replace(decision, match => Endpoint(match.Value).ToString())]);
        _text.Append("          => ").Append(decision).Append('\n');
    }

    [GeneratedRegex(@"127\.0\.0\.(\d+):(26379|6379)")]
    private static partial Regex Address();

    [GeneratedRegex(@"\b[ns]\d+\b")]
    private static partial Regex Name();
}
