using System.Text;

namespace ConvoyRedis.Client.Handover;

/// <summary>
/// What a connection's commands have made of its session on the server, as far as that must be made again on another node: protocol,
/// names, database, scripts. State that cannot be made again makes the session unfit to be moved.
/// </summary>
internal sealed class SessionState
{
    /// <summary>The length of the longest command's name that <see cref="Concerns"/> knows.</summary>
    public const int LongestName = 12;

    /// <summary>How much may be kept of one script, and of all scripts together, in bytes.</summary>
    public const int MostKeptBytes = 1024 * 1024;

    private readonly Dictionary<string, byte[][]> _latest = [];
    private readonly Dictionary<string, byte[][]> _scripts = [];
    private bool _isMulti;
    private bool _isWatching;
    private long _scriptBytes;

    /// <summary>Whether a MULTI is open, or a WATCH stands.</summary>
    public bool IsInTransaction => _isMulti || _isWatching;

    /// <summary>The database that commands run in.</summary>
    public int Database { get; private set; }

    /// <summary>Why the session cannot be moved; null when it can.</summary>
    public string? Unfit { get; private set; }

    /// <summary>AUTH with arguments, as the tunnel logs in: where it does so on this session anew, nothing needs to be made again. Null for none.</summary>
    public string[]? OwnLogin { get; set; }

    /// <summary>The commands that make the session anew, in order.</summary>
    public IReadOnlyList<byte[][]> Replay => [.. _latest.OrderBy(command => command.Key, StringComparer.Ordinal).Select(command => command.Value), .. _scripts.Values];

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

    /// <summary>Whether a command's refusal can be borne: SETINFO is new in Redis 7.2, and only for show.</summary>
    public static bool MayFail(IReadOnlyList<byte[]> command) => Text(command, 1) == "SETINFO";

    /// <summary>Notes a command that <see cref="Concerns"/> the session.</summary>
    /// <param name="command">Its name and its arguments.</param>
    public void Note(IReadOnlyList<byte[]> command)
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
            default:
                if (_isMulti)
                    BecomeUnfit($"{name} was sent within a transaction");
                else
                    NoteLasting(name, command);
                break;
        }
    }

    /// <summary>From now on the session cannot be moved.</summary>
    public void BecomeUnfit(string why) => Unfit ??= why;

    private void NoteLasting(string name, IReadOnlyList<byte[]> command)
    {
        var what = $"{name} {Text(command, 1)}".TrimEnd();
        switch (name)
        {
            // In the order of these keys they are replayed: the protocol first.
            case "HELLO":
                NoteHello(command);
                break;
            case "SELECT":
                _latest["3 SELECT"] = [.. command];
                Database = int.TryParse(Text(command, 1), out var database) ? database : Database;
                break;
            case "SCRIPT":
                NoteScript(what, command);
                break;
            case "CLIENT" when what == "CLIENT SETNAME":
                _latest["2 SETNAME"] = [.. command];
                break;
            case "CLIENT" when what == "CLIENT SETINFO":
                _latest[$"2 SETINFO {Text(command, 2)}"] = [.. command];
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

    // The login is the tunnel's own affair; HELLO's options beyond the version would be a login or a name.
    private void NoteHello(IReadOnlyList<byte[]> command)
    {
        if (command.Count > 2)
            BecomeUnfit("HELLO was sent with options");
        else
            _latest["1 HELLO"] = [.. command];
    }

    private void NoteScript(string what, IReadOnlyList<byte[]> command)
    {
        if (what == "SCRIPT FLUSH")
        {
            _scripts.Clear();
            _scriptBytes = 0;
        }
        else if (what == "SCRIPT LOAD" && command.Count == 3 && _scripts.TryAdd(Convert.ToBase64String(command[2]), [.. command]))
        {
            _scriptBytes += command[2].Length;
            if (_scriptBytes > MostKeptBytes)
                BecomeUnfit($"its scripts are longer than {MostKeptBytes} bytes together");
        }
    }

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);

    private static string Text(IReadOnlyList<byte[]> command, int index) =>
        index < command.Count && command[index].Length <= LongestName ? Encoding.ASCII.GetString(command[index]).ToUpperInvariant() : "";
}
