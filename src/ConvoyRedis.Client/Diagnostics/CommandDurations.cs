using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace ConvoyRedis.Client.Diagnostics;

/// <summary>
/// Reports how long the commands of one stream take: from when StackExchange.Redis writes a command until its reply has been read. A multiplexer
/// has one profiling hook, which belongs to the user: this does not use it.
/// </summary>
/// <param name="telemetry">Receives them.</param>
/// <param name="areReplicas">Whether the commands are of the endpoint for replicas.</param>
internal sealed class CommandDurations(Telemetry telemetry, bool areReplicas = false)
{
    /// <summary>The length of the longest name that is reported; modules have no longer ones.</summary>
    public const int LongestName = 32;

    /// <summary>What OpenTelemetry calls an operation whose name is not known.</summary>
    private const string OtherName = "_OTHER";

    private readonly ConcurrentQueue<Command> _unanswered = new();
    private readonly string?[] _names = new string?[64];
    private long _writing;

    /// <summary>Whether there is a listener.</summary>
    public bool AreWanted => telemetry.Instruments.CommandDuration is { Enabled: true };

    /// <summary>The commands that <see cref="Written"/> reports from now on are written at this moment.</summary>
    public void BeginWriting() => _writing = Stopwatch.GetTimestamp();

    /// <summary>A command is written. Not to be called concurrently.</summary>
    /// <param name="number">The number of commands before it on this stream, which is the number of replies before its own.</param>
    /// <param name="name">Its name.</param>
    /// <param name="database">The database that it runs in.</param>
    public void Written(long number, ReadOnlySpan<byte> name, int database) =>
        _unanswered.Enqueue(new Command(number, NameOf(name), database, _writing));

    /// <summary>Replies have been read. Not to be called concurrently.</summary>
    /// <param name="replies">The number of replies on this stream until now.</param>
    /// <param name="node">The node that sent them.</param>
    public void Answered(long replies, ConvoyRedisEndpoint node)
    {
        while (_unanswered.TryPeek(out var command) && command.Number < replies)
        {
            _unanswered.TryDequeue(out _);
            Report(command, node, error: null);
        }
    }

    /// <summary>The connection has ended: the remaining commands get no reply. Not to be called concurrently.</summary>
    public void Lost(ConvoyRedisEndpoint node)
    {
        while (_unanswered.TryDequeue(out var command))
            Report(command, node, "connection_lost");
    }

    private void Report(Command command, ConvoyRedisEndpoint node, string? error) =>
        telemetry.CommandEnded(command.Name, command.Database, Stopwatch.GetElapsedTime(command.WrittenAt), node, areReplicas, error);

    // A service uses few different commands: their names are cached.
    private string NameOf(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return OtherName;
        ref var known = ref _names[(name.Length + name[0] + (name[^1] * 7)) % _names.Length];
        return known is not null && Ascii.EqualsIgnoreCase(name, known) ? known : known = Encoding.ASCII.GetString(name).ToUpperInvariant();
    }

    private readonly record struct Command(long Number, string Name, int Database, long WrittenAt);
}
