using System.Runtime.CompilerServices;
using System.Text;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel.Handover;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Handover;

/// <summary>The stream by itself, moved to and fro between two real servers while random pipelines go through it in random pieces.</summary>
public sealed class NodeStreamTests
{
    private const int Commands = 3000;
    private const int Moves = 200;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private static readonly string[] Payloads =
        ["", "x", "*2\r\n$4\r\nECHO\r\n$3\r\nabc\r\n", "$-1\r\n", "\r\n", "convoy-redis:0123456789abcdef0123456789abcdef", "MULTI", new('y', 5000), new('z', 30_000)];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Alone: each takes all the time of a core.
    [Theory(DisableParallelization = true)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Stream_MovedToAndFroUnderAPipeline_KeepsEveryByteInOrder(int seed)
    {
        await using var one = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var two = await StandaloneRedis.StartAsync(cancellationToken: Token);
        var random = new Random(seed);
        var payloads = Enumerable.Range(0, Commands).Select(_ => Encoding.ASCII.GetBytes(Payloads[random.Next(Payloads.Length)])).ToList();
        var sent = payloads.ConvertAll(payload => (byte[])[.. "*2\r\n$4\r\nECHO\r\n"u8, .. Bulk(payload)]);
        byte[] expected = [.. payloads.SelectMany(Bulk)];
        await using var stream = new NodeStream(await DialAsync(one), new LoadedScripts(), ownReplies: 0);

        using var done = new CancellationTokenSource();
        var moves = new StrongBox<int>();
        var reader = new Reader(stream);
        var moving = MoveAsync(stream, [two, one], moves, done.Token);

        // If the moves fail, the writer would wait for them in vain: fail with their exception.
        await await Task.WhenAny(WriteInPiecesAsync(stream, sent, random, moves), moving);
        var received = await reader.WaitForAsync(expected.Length);
        await done.CancelAsync();
        await moving.WaitAsync(Bound, Token);

        Assert.True(expected.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task HoldAsync_BlockingCommandInFlight_CountsAsSilent()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var stream = new NodeStream(await DialAsync(redis), new LoadedScripts(), ownReplies: 0);
        var reader = new Reader(stream);
        await stream.WriteAsync("*3\r\n$5\r\nBLPOP\r\n$4\r\nlist\r\n$1\r\n0\r\n"u8.ToArray(), Token);

        await Assert.ThrowsAsync<TimeoutException>(() => stream.HoldAsync(Token));
        stream.Abort();

        Assert.Empty(await reader.WaitForEndAsync());
    }

    [Fact]
    public async Task HoldAsync_ConnectionHasEnded_IsNotHeld()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var stream = new NodeStream(await DialAsync(redis), new LoadedScripts(), ownReplies: 0);
        var reader = new Reader(stream);
        await redis.Server.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal");
        await reader.WaitForEndAsync();

        Assert.False(await stream.HoldAsync(Token));
    }

    [Fact]
    public async Task HoldAsync_ReaderIsBusy_NodeDoesNotCountAsSilent()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var stream = new NodeStream(await DialAsync(redis), new LoadedScripts(), ownReplies: 0);
        await stream.WriteAsync("*2\r\n$4\r\nECHO\r\n$4\r\nlong\r\n"u8.ToArray(), Token);
        Assert.Equal(1, await stream.ReadAsync(new byte[1], Token));

        var holding = stream.HoldAsync(Token);
        await Task.Delay(NodeSilence.Patience * 2, Token);
        Assert.False(holding.IsCompleted);
        _ = new Reader(stream);

        Assert.True(await holding.WaitAsync(Bound, Token));
    }

    [Fact]
    public async Task HoldAsync_TransactionOpen_WaitsForItsEnd()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var stream = new NodeStream(await DialAsync(redis), new LoadedScripts(), ownReplies: 0);
        var reader = new Reader(stream);
        await stream.WriteAsync("*1\r\n$5\r\nMULTI\r\n"u8.ToArray(), Token);

        var holding = stream.HoldAsync(Token);
        await stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), Token);
        Assert.False(holding.IsCompleted);
        await stream.WriteAsync("*1\r\n$4\r\nEXEC\r\n"u8.ToArray(), Token);

        Assert.True(await holding.WaitAsync(Bound, Token));
        stream.Resume(null);
        Assert.Equal("+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n", Encoding.ASCII.GetString(await reader.WaitForAsync("+OK\r\n+QUEUED\r\n*1\r\n+PONG\r\n".Length)));
    }

    [Fact]
    public async Task HoldAsync_Held_WritesDoNotCompleteUntilResumed()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var stream = new NodeStream(await DialAsync(redis), new LoadedScripts(), ownReplies: 0);
        var reader = new Reader(stream);
        Assert.True(await stream.HoldAsync(Token));

        var writing = stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), Token).AsTask();
        Assert.NotNull(await ReplicationHistory.AskAsync(stream.Transport.Resp, Token));
        Assert.False(writing.IsCompleted);
        stream.Resume(null);

        await writing.WaitAsync(Bound, Token);
        Assert.Equal("+PONG\r\n", Encoding.ASCII.GetString(await reader.WaitForAsync(7)));
    }

    [Fact]
    public async Task ReadAsync_OwnRepliesFirst_PassesOnWhatComesBehindThem()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        var transport = await DialAsync(redis);
        await transport.Resp.SendAllAsync(Enumerable.Repeat<byte[][]>(["ECHO"u8.ToArray(), new byte[100]], 500).ToList(), Token);
        await using var stream = new NodeStream(transport, new LoadedScripts(), ownReplies: 500);

        // Before anything else is written.
        var holding = stream.HoldAsync(Token);
        var reader = new Reader(stream);
        Assert.True(await holding.WaitAsync(Bound, Token));
        stream.Resume(null);
        await stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), Token);

        Assert.Equal("+PONG\r\n", Encoding.ASCII.GetString(await reader.WaitForAsync(7)));
    }

    [Fact]
    public async Task Abort_Held_EndsWritesAndReads()
    {
        await using var redis = await StandaloneRedis.StartAsync(cancellationToken: Token);
        await using var stream = new NodeStream(await DialAsync(redis), new LoadedScripts(), ownReplies: 0);
        var reader = new Reader(stream);
        Assert.True(await stream.HoldAsync(Token));
        var writing = stream.WriteAsync("*1\r\n$4\r\nPING\r\n"u8.ToArray(), Token).AsTask();

        stream.Abort();

        await Assert.ThrowsAsync<IOException>(() => writing.WaitAsync(Bound, Token));
        Assert.Empty(await reader.WaitForEndAsync());
    }

    private static byte[] Bulk(byte[] payload) => [.. Encoding.ASCII.GetBytes($"${payload.Length}\r\n"), .. payload, .. "\r\n"u8];

    private static async Task<NodeTransport> DialAsync(StandaloneRedis redis)
    {
        var target = redis.Options().Resolve();
        return await new NodeDialer(NodeAccess.ToData(target, null)).DialAsync(target.Endpoints[0], Token);
    }

    // Writes no faster than the stream is moved, so that the moves are spread over all commands. Waits only after a whole command: within one, the stream is not moved.
    private static async Task WriteInPiecesAsync(NodeStream stream, List<byte[]> commands, Random random, StrongBox<int> moves)
    {
        byte[] bytes = [.. commands.SelectMany(command => command)];
        var (position, written, end) = (0, 0, 0);
        async Task WriteAsync(int length)
        {
            await stream.WriteAsync(bytes.AsMemory(position, length), Token);
            position += length;
            while (end < position)
                end += commands[written++].Length;
        }

        while (position < bytes.Length)
        {
            await WriteAsync(Math.Min(bytes.Length - position, random.Next(4) == 0 ? random.Next(1, 8) : random.Next(1, 6_000)));
            bool IsBehind() => Volatile.Read(ref moves.Value) < (long)Moves * position / bytes.Length;
            if (!IsBehind())
                continue;
            await WriteAsync(end - position);
            await Eventually.TrueAsync(() => !IsBehind(), Token);
        }
    }

    private static async Task MoveAsync(NodeStream stream, StandaloneRedis[] servers, StrongBox<int> moves, CancellationToken done)
    {
        while (!done.IsCancellationRequested)
        {
            Assert.True(await stream.HoldAsync(Token));
            stream.Resume(moves.Value % 3 == 2 ? null : await DialAsync(servers[moves.Value % 2]));
            Interlocked.Increment(ref moves.Value);
        }
    }

    /// <summary>Reads all the time, as StackExchange.Redis does, and keeps what came.</summary>
    private sealed class Reader
    {
        private readonly Lock _gate = new();
        private readonly List<byte> _received = [];
        private readonly Task _reading;

        public Reader(NodeStream stream) => _reading = Task.Run(async () =>
        {
            var buffer = new byte[16 * 1024];
            while (await stream.ReadAsync(buffer) is > 0 and var read)
            {
                lock (_gate)
                    _received.AddRange(buffer.AsSpan(0, read));
            }
        });

        private byte[] Received
        {
            get
            {
                lock (_gate)
                    return [.. _received];
            }
        }

        public async Task<byte[]> WaitForAsync(int count)
        {
            await Eventually.TrueAsync(() => Received.Length >= count || _reading.IsCompleted, Token);
            return Received;
        }

        public async Task<byte[]> WaitForEndAsync()
        {
            await _reading.WaitAsync(Bound, Token);
            return Received;
        }
    }
}
