using System.Collections.Concurrent;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Client.Sentinel;

/// <summary>
/// The commands that the ACL of a sentinel does not allow to us. The sentinel is not asked such a command again for a minute, also not over another
/// connection, since each refusal is an entry in its ACL LOG; until then its last answer counts. Only the master's address is asked for again whenever a
/// connection is made, because nothing works without it. Safe for concurrent use.
/// </summary>
/// <param name="sentinel">The sentinel's address.</param>
/// <param name="context">The clock and the log.</param>
internal sealed class DeniedCommands(ConvoyRedisEndpoint sentinel, ConnectionContext context)
{
    /// <summary>How long a refused command is not asked again.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (RespReply Reply, long At)> _denied = new();

    /// <summary>Whether an answer says that the ACL does not allow the command.</summary>
    public static bool IsDenial(RespReply reply) => reply is { IsError: true, Text: { } text } && text.StartsWith("NOPERM", StringComparison.Ordinal);

    /// <summary>The refusal of a command, if it was refused within <see cref="Pause"/>; null if it may be asked.</summary>
    public RespReply? Of(IReadOnlyList<string> command) =>
        _denied.TryGetValue(Name(command), out var last) && context.Time.GetElapsedTime(last.At) < Pause ? last.Reply : null;

    /// <summary>Notes an answer, and logs the first refusal of a command.</summary>
    public void Note(IReadOnlyList<string> command, RespReply reply)
    {
        var name = Name(command);
        if (name == "SENTINEL GET-MASTER-ADDR-BY-NAME")
            return;
        if (!IsDenial(reply))
        {
            _denied.TryRemove(name, out _);
            return;
        }

        if (!_denied.ContainsKey(name) && Consequence(name) is { } consequence)
            Log.SentinelCommandDenied(context.Logger, sentinel, name, consequence, AclRule(command));
        _denied[name] = (reply, context.Time.GetTimestamp());
    }

    /// <summary>Asks a command unless it was refused lately.</summary>
    public Func<IReadOnlyList<string>, CancellationToken, Task<RespReply>> Asking(Func<IReadOnlyList<string>, CancellationToken, Task<RespReply>> execute) =>
        async (command, cancellationToken) =>
        {
            if (Of(command) is { } refusal)
                return refusal;
            var reply = await execute(command, cancellationToken).ConfigureAwait(false);
            Note(command, reply);
            return reply;
        };

    // SUBSCRIBE is allowed or not by its channels.
    private static string Name(IReadOnlyList<string> command) => string.Join(' ', command.Take(2));

    private static string AclRule(IReadOnlyList<string> command) =>
        (command[0] == "SENTINEL" ? $"+{command[0]}|{command[1]}" : $"+{command[0]}").ToLowerInvariant();

    // What is not possible without a command; null where nothing is lost, or where it is logged elsewhere.
    private static string? Consequence(string name) => name switch
    {
        "SENTINEL MASTER" => "its answers have no epoch, so that a new master is followed when most sentinels have named it for a second",
        "SENTINEL CKQUORUM" => "a lost quorum is not reported",
        "SENTINEL SENTINELS" or "SENTINEL MYID" => "sentinels that are not configured are not found",
        "INFO sentinel" => "TILT is not recognized",
        _ => null,
    };
}
