using System.Globalization;
using System.Text;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// The session state of a connection that must be replayed on another node: protocol,
/// names, database, scripts. A command counts once the server has accepted it: a refused one is not needed elsewhere. With state that
/// cannot be replayed, the session cannot be moved. One thread records commands, another one their answers.
/// </summary>
/// <param name="scripts">The scripts of the endpoint, which survive the session.</param>
internal sealed class SessionState(LoadedScripts scripts)
{
    /// <summary>The length of the longest command's name that <see cref="Concerns"/> knows.</summary>
    public const int LongestName = 12;

    private readonly Queue<(long RepliesBefore, IReadOnlyList<byte[]> Command)> _unanswered = [];
    private readonly Dictionary<string, IReadOnlyList<byte[]>> _latest = [];
    private string? _unfit;
    private long _nextAnswer = long.MaxValue;
    private int _unansweredBytes;
    private bool _isDeaf;
    private bool _isMulti;
    private bool _isWatching;

    /// <summary>Whether a MULTI or a WATCH is active.</summary>
    public bool IsInTransaction => _isMulti || _isWatching;

    /// <summary>The database that commands run in.</summary>
    public int Database { get; private set; }

    /// <summary>Why the session cannot be moved; null when it can.</summary>
    public string? Unfit => _unfit ?? scripts.Unfit;

    /// <summary>The number of replies before the next one that must be passed to <see cref="Answered"/>.</summary>
    public long NextAnswer => Volatile.Read(ref _nextAnswer);

    /// <summary>AUTH with arguments, as the tunnel sends it: a repeated login of the tunnel needs no replay. Null for none.</summary>
    public string[]? OwnLogin { get; set; }

    /// <summary>The commands that replay the session, in order.</summary>
    public IReadOnlyList<IReadOnlyList<byte[]>> Replay =>
        [.. _latest.OrderBy(command => command.Key, StringComparer.Ordinal).Select(command => command.Value), .. scripts.Commands];

    /// <summary>Whether a command of this name changes the session.</summary>
    public static bool Concerns(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 => Is(name, "EXEC"u8) || Is(name, "AUTH"u8) || Is(name, "QUIT"u8),
        5 => Is(name, "MULTI"u8) || Is(name, "WATCH"u8) || Is(name, "HELLO"u8) || Is(name, "RESET"u8),
        6 => Is(name, "SELECT"u8) || Is(name, "SCRIPT"u8) || Is(name, "CLIENT"u8) || Is(name, "ASKING"u8),
        7 => Is(name, "DISCARD"u8) || Is(name, "UNWATCH"u8) || Is(name, "MONITOR"u8),
        8 => Is(name, "READONLY"u8),
        9 => Is(name, "SUBSCRIBE"u8) || Is(name, "READWRITE"u8),
        10 => Is(name, "PSUBSCRIBE"u8) || Is(name, "SSUBSCRIBE"u8),
        11 => Is(name, "UNSUBSCRIBE"u8),
        12 => Is(name, "PUNSUBSCRIBE"u8) || Is(name, "SUNSUBSCRIBE"u8),
        _ => false,
    };

    /// <summary>
    /// Whether the session differs on a node that refuses this command of <see cref="Replay"/>. Names are only for show; a new connection is at
    /// RESP2 and in database 0 anyway.
    /// </summary>
    public static bool IsNeeded(IReadOnlyList<byte[]> command) => Text(command, 0) switch
    {
        "CLIENT" => false,
        "HELLO" => Text(command, 1) is not ("" or "2"),
        "SELECT" => Text(command, 1) != "0",
        _ => true,
    };

    /// <summary>Notes a command that <see cref="Concerns"/> the session.</summary>
    /// <param name="command">Its name and its arguments.</param>
    /// <param name="repliesBefore">The number of replies that come before its own.</param>
    public void Note(IReadOnlyList<byte[]> command, long repliesBefore)
    {
        var name = Text(command, 0);
        switch (name)
        {
            case "MULTI":
                _isMulti = true;
                break;
            case "EXEC" or "DISCARD":
                (_isMulti, _isWatching) = (false, false);
                break;
            case "WATCH":
                _isWatching = true;
                break;
            case "UNWATCH":
                _isWatching = _isMulti && _isWatching;
                break;

            // Behind a script, StackExchange.Redis selects the transaction's database once more.
            case "SELECT" when _isMulti && DatabaseOf(command) == Database:
                break;
            default:
                if (_isMulti)
                    BecomeUnfit($"{name} was sent within a transaction");
                else
                    NoteLasting(name, command, repliesBefore);
                break;
        }
    }

    /// <summary>Notes a command that <see cref="Concerns"/> the session, but that is too long to be kept.</summary>
    /// <param name="command">Its name and some of its arguments.</param>
    public void NoteTooLong(IReadOnlyList<byte[]> command)
    {
        if (Text(command, 0) == "SCRIPT")
            scripts.GiveUp();
        else
            BecomeUnfit($"{Text(command, 0)} was sent with more than {LoadedScripts.MostBytes} bytes");
    }

    /// <summary>The reply behind <see cref="NextAnswer"/> others has begun.</summary>
    /// <param name="isError">Whether it is an error.</param>
    public void Answered(bool isError)
    {
        IReadOnlyList<byte[]> command;
        lock (_unanswered)
        {
            command = _unanswered.Dequeue().Command;
            _unansweredBytes -= Length(command);
            Volatile.Write(ref _nextAnswer, _unanswered.TryPeek(out var next) ? next.RepliesBefore : long.MaxValue);
        }

        if (!isError)
            Accept(command);
    }

    /// <summary>The server's replies can no longer be parsed, so no command counts as accepted any more.</summary>
    public void StopAwaiting()
    {
        BecomeUnfit("the server's replies are not RESP");
        lock (_unanswered)
        {
            _isDeaf = true;
            _unanswered.Clear();
            Volatile.Write(ref _nextAnswer, long.MaxValue);
        }
    }

    /// <summary>From now on the session cannot be moved.</summary>
    public void BecomeUnfit(string why) => _unfit ??= why;

    private void NoteLasting(string name, IReadOnlyList<byte[]> command, long repliesBefore)
    {
        var what = $"{name} {Text(command, 1)}".TrimEnd();
        switch (name)
        {
            // The login is the tunnel's own affair; HELLO's options beyond the version would be a login or a name.
            case "HELLO" when command.Count > 2:
                BecomeUnfit("HELLO was sent with options");
                break;
            case "SELECT":
                Database = DatabaseOf(command) ?? Database;
                Await(command, repliesBefore);
                break;
            case "HELLO":
            case "CLIENT" when what is "CLIENT SETNAME" or "CLIENT SETINFO":
            case "SCRIPT" when what is "SCRIPT LOAD" or "SCRIPT FLUSH":
                Await(command, repliesBefore);
                break;
            case "SCRIPT":
                break;
            case "AUTH" when OwnLogin is { } login && command.Select(Encoding.UTF8.GetString).SequenceEqual(login):
                break;
            case "CLIENT" when what is "CLIENT ID" or "CLIENT GETNAME" or "CLIENT INFO" or "CLIENT LIST" or "CLIENT KILL" or "CLIENT PAUSE"
                or "CLIENT UNPAUSE" or "CLIENT UNBLOCK" or "CLIENT GETREDIR" or "CLIENT TRACKINGINFO" or "CLIENT HELP":
                break;
            default:
                BecomeUnfit($"{what} was sent");
                break;
        }
    }

    private void Await(IReadOnlyList<byte[]> command, long repliesBefore)
    {
        lock (_unanswered)
        {
            if (_isDeaf || _unansweredBytes + Length(command) > LoadedScripts.MostBytes)
            {
                NoteTooLong(command);
                return;
            }

            _unansweredBytes += Length(command);
            _unanswered.Enqueue((repliesBefore, [.. command]));
            Volatile.Write(ref _nextAnswer, _unanswered.Peek().RepliesBefore);
        }
    }

    // A server that hangs answers nothing: scripts that are on their way to it count as well.
    private static int Length(IReadOnlyList<byte[]> command) => LoadedScripts.Overhead + command.Sum(argument => argument.Length);

    private void Accept(IReadOnlyList<byte[]> command)
    {
        switch (Text(command, 0))
        {
            case "SCRIPT" when Text(command, 1) == "FLUSH":
                scripts.Clear();
                break;
            case "SCRIPT":
                if (command.Count == 3)
                    scripts.Add(command[2]);
                break;

            // In the order of these keys they are replayed: the protocol first.
            case "HELLO":
                _latest["1 HELLO"] = command;
                break;
            case "CLIENT":
                _latest[$"2 {Text(command, 1)} {(Text(command, 1) == "SETINFO" ? Text(command, 2) : "")}"] = command;
                break;
            default:
                _latest["3 SELECT"] = command;
                break;
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static int? DatabaseOf(IReadOnlyList<byte[]> select) =>
        int.TryParse(Text(select, 1), NumberStyles.None, CultureInfo.InvariantCulture, out var database) ? database : null;

    private static string Text(IReadOnlyList<byte[]> command, int index) =>
        index < command.Count && command[index].Length <= LongestName ? Encoding.ASCII.GetString(command[index]).ToUpperInvariant() : "";
}
