using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using ConvoyRedis.Shared;
using ConvoyRedis.Testing.Processes;

namespace ConvoyRedis.Testing;

/// <summary>A redis-server process, data node or sentinel, and the faults that can be done to it.</summary>
public sealed class RedisServer
{
    private const int LogTailLines = 20;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StartPollPeriod = TimeSpan.FromMilliseconds(10);

    private readonly LabMachine _machine;
    private readonly ServerConfiguration _configuration;
    private ServerProcess? _process;

    internal RedisServer(LabMachine machine, ServerConfiguration configuration) => (_machine, _configuration) = (machine, configuration);

    /// <summary>The host that it listens on, a loopback address.</summary>
    public string Host => _configuration.Host;

    /// <summary>The port that it listens on, with TLS where the topology has TLS.</summary>
    public int Port => _configuration.Port;

    /// <summary>The address as <c>host:port</c>; an IPv6 address is in brackets.</summary>
    public string Address => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>Whether the process lives; a hung one does.</summary>
    public bool IsRunning => _process is { IsRunning: true };

    /// <summary>Whether <see cref="HangAsync"/> stopped the process.</summary>
    public bool IsHung { get; private set; }

    /// <summary>The directory with its data; it goes with the topology, unless the options named another.</summary>
    public string DataDirectory => _configuration.DataDirectory ?? _configuration.Directory;

    /// <summary>Ends the process at once, as <c>kill -9</c> does.</summary>
    public Task KillAsync() => _process?.KillAsync() ?? Task.CompletedTask;

    /// <summary>Stops the process without ending it (SIGSTOP): connections stay open and nothing is answered.</summary>
    public async Task HangAsync()
    {
        await Running.SignalAsync("STOP").ConfigureAwait(false);
        IsHung = true;
    }

    /// <summary>Lets a hung process go on (SIGCONT).</summary>
    public async Task ResumeAsync()
    {
        await Running.SignalAsync("CONT").ConfigureAwait(false);
        IsHung = false;
    }

    /// <summary>Starts the process again on the same port and data, with the configuration that it last had (a sentinel rewrites it).</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task RestartAsync(CancellationToken cancellationToken = default) => StartAsync(cancellationToken);

    /// <summary>
    /// Starts the process again with the configuration it began with: a former master comes back as a master, and knows nothing of a failover.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task RestartWithOriginalConfigurationAsync(CancellationToken cancellationToken = default)
    {
        _configuration.Write();
        return StartAsync(cancellationToken);
    }

    /// <summary>Asks the server something, on a connection of its own, logged in as the topology demands.</summary>
    /// <param name="command">The command and its arguments.</param>
    /// <exception cref="IOException">The server does not answer, within 10 s at most.</exception>
    public Task<RedisReply> ExecuteAsync(params string[] command) => ExecuteAsync(command, CancellationToken.None);

    /// <summary>Asks the server something, on a connection of its own, logged in as the topology demands.</summary>
    /// <param name="command">The command and its arguments.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The server does not answer, within 10 s at most.</exception>
    public async Task<RedisReply> ExecuteAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(AnswerTimeout);
        try
        {
            using var connection = await OpenAsync(timeout.Token).ConfigureAwait(false);
            return new RedisReply(await connection.Resp.ExecuteAsync(command, timeout.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{Address} did not answer within {AnswerTimeout.TotalSeconds} s.", exception);
        }
    }

    /// <summary>A field of INFO, for example <c>connected_clients</c>; null when there is none of that name.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string?> GetInfoAsync(string name, CancellationToken cancellationToken = default)
    {
        var info = await ExecuteAsync(["INFO"], cancellationToken).ConfigureAwait(false);
        return info.Text is { } text ? new NodeInfo(text)[name] : null;
    }

    /// <summary>Everything that the server logged since it first started.</summary>
    public string ReadLog() => File.Exists(_configuration.LogFile) ? File.ReadAllText(_configuration.LogFile) : "";

    /// <summary>The address and what the process is doing.</summary>
    public override string ToString() => $"{Address} ({(!IsRunning ? "not running" : IsHung ? "hung" : "running")})";

    /// <summary>Whether the process lives and can answer.</summary>
    internal bool CanAnswer => IsRunning && !IsHung;

    private ServerProcess Running => _process ?? throw new InvalidOperationException("The server was not started.");

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
            throw new InvalidOperationException($"{Address} is running.");

        _process = await _machine.StartServerAsync(_configuration.Directory, _configuration.Arguments, cancellationToken).ConfigureAwait(false);
        IsHung = false;
        await WaitUntilAnsweringAsync(cancellationToken).ConfigureAwait(false);
    }

    internal async Task<LabConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(Host, Port, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (_configuration.Tls is { } certificates)
            {
                var secured = new SslStream(stream);
                stream = secured;
                await secured.AuthenticateAsClientAsync(certificates.LabClientOptions(), cancellationToken).ConfigureAwait(false);
            }

            var resp = new RespConnection(stream);
            if (_configuration.Login is { Count: > 0 } login)
                await resp.ExecuteAsync(["AUTH", .. login], cancellationToken).ConfigureAwait(false);
            return new LabConnection(stream, resp);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            if (exception is SocketException)
                throw new IOException($"{Address} does not answer: {exception.Message}", exception);
            throw;
        }
    }

    internal RedisStartException StartFailure(string what, Exception? cause = null) =>
        new($"{Address} {what}. Its log ends with:\n{string.Join('\n', ReadLog().Split('\n').TakeLast(LogTailLines))}", cause);

    private async Task WaitUntilAnsweringAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                if ((await ExecuteAsync(["PING"], cancellationToken).ConfigureAwait(false)).Text == "PONG")
                    return;
            }
            catch (IOException) when (IsRunning && Stopwatch.GetElapsedTime(started) < StartTimeout)
            {
                // Not listening yet.
            }
            catch (IOException exception)
            {
                throw StartFailure("did not start", exception);
            }

            if (Stopwatch.GetElapsedTime(started) > StartTimeout)
                throw StartFailure($"was not ready within {StartTimeout.TotalSeconds} s");
            await Task.Delay(StartPollPeriod, cancellationToken).ConfigureAwait(false);
        }
    }
}
