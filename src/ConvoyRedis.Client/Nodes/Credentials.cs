using System.Diagnostics;
using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Nodes;

/// <summary>
/// The logins for one side of a deployment. After a change, the former login is kept: servers and settings do not change at the same
/// moment, and connects in between try both.
/// </summary>
internal sealed class Credentials(string? username, string? password)
{
    /// <summary>The number of logins that are kept, to hide them in server texts.</summary>
    private const int MostRemembered = 8;

    private volatile Login[] _all = [new Login(username, password)];
    private volatile Login[] _used = [new Login(username, password)];

    /// <summary>Raised when a server refused every one of them: perhaps they have changed.</summary>
    public event Action? Refused;

    /// <summary>The logins to try, the present one first.</summary>
    public IReadOnlyList<Login> All => _all;

    /// <summary>Uses this login from now on.</summary>
    /// <returns>Whether it is another one.</returns>
    public bool Change(Login login)
    {
        var present = _all[0];
        if (login == present)
            return false;
        _all = [login, present];
        Remember([login]);
        return true;
    }

    /// <summary>Also hides the logins of another side or of an earlier time, which the same servers may have been sent.</summary>
    public void Remember(Credentials others) => Remember(others._used);

    /// <summary>The text of a server that was sent these logins, without secrets.</summary>
    public string Shown(string text) => ServerText.Shown(text, _used.Select(login => login.Password));

    /// <summary>A text without these.</summary>
    public string Masked(string text) => ServerText.Masked(text, _used.Select(login => login.Password));

    /// <summary>A server refused every one of them.</summary>
    public void NoteRefusal() => Refused?.Invoke();

    private void Remember(IEnumerable<Login> credentials) => _used = [.. credentials.Concat(_used).Distinct().Take(MostRemembered)];

    /// <summary>A user, null for Redis's default one, and a password, null for none.</summary>
    [DebuggerDisplay("{ToString(),nq}")]
    internal sealed record Login(string? Username, [property: DebuggerBrowsable(DebuggerBrowsableState.Never)] string? Password)
    {
        /// <summary>AUTH with its arguments; null where there is nothing to log in with: no password, as in go-redis.</summary>
        public string[]? Command => this switch
        {
            { Password: null } => null,
            { Username: { } username } => ["AUTH", username, Password],
            _ => ["AUTH", Password],
        };

        // Never the password.
        public override string ToString() => Username ?? "default user";
    }
}
