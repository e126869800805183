using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace ConvoyRedis.Client.IntegrationTests.Contract;

/// <summary>A connection to a real server that notes what StackExchange.Redis does with its stream.</summary>
internal sealed class RecordedStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly ConcurrentQueue<byte[]> _written = [];
    private int _writers;
    private int _disposals;

    /// <summary>Everything that was written, as text.</summary>
    public string Written => string.Concat(_written.Select(Encoding.UTF8.GetString));

    /// <summary>How many writes were seen to overlap another one.</summary>
    public int OverlappingWrites { get; private set; }

    /// <summary>How often the stream was disposed.</summary>
    public int Disposals => Volatile.Read(ref _disposals);

    /// <summary>Ends the connection from this side, so that a reader sees end-of-file; it does not count as disposal.</summary>
    public void End() => Socket.Shutdown(SocketShutdown.Both);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Interlocked.Increment(ref _writers) > 1)
            OverlappingWrites++;
        _written.Enqueue(buffer.ToArray());
        await Task.Yield();
        await base.WriteAsync(buffer, cancellationToken);
        Interlocked.Decrement(ref _writers);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Interlocked.Increment(ref _writers) > 1)
            OverlappingWrites++;
        _written.Enqueue(buffer.ToArray());
        base.Write(buffer);
        Interlocked.Decrement(ref _writers);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Interlocked.Increment(ref _disposals);
        base.Dispose(disposing);
    }
}
