using System.Net.Sockets;

namespace ConvoyRedis.Client.Connection;

/// <summary>
/// The stream that StackExchange.Redis reads and writes: plain RESP to one node. StackExchange.Redis never disposes it, so whoever made it
/// ends it by <see cref="Abort"/>, after which every read gives end-of-file: that is what makes StackExchange.Redis fail what is in
/// flight and reconnect at once, also when the node at the other end hangs.
/// A planned failover will exchange the transport at a command boundary (docs/architecture.md, "The place of the handover").
/// </summary>
internal sealed class NodeStream(NodeTransport transport) : Stream
{
    private int _aborted;

    /// <summary>The node at the other end, as it is announced.</summary>
    public ConvoyRedisEndpoint Node => transport.Node;

    /// <summary>Whether <see cref="Abort"/> ended this stream.</summary>
    public bool IsAborted => Volatile.Read(ref _aborted) != 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Ends the stream from this side at once.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) == 0)
            transport.Dispose();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await transport.Stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            return 0;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return transport.Stream.Read(buffer);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            return 0;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await transport.Stream.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw Ended(exception);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            transport.Stream.Write(buffer);
        }
        catch (Exception exception) when (IsEndOfConnection(exception))
        {
            throw Ended(exception);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task FlushAsync(CancellationToken cancellationToken) => transport.Stream.FlushAsync(cancellationToken);

    public override void Flush() => transport.Stream.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Abort();
        base.Dispose(disposing);
    }

    // A connection that was reset, or that we aborted, has ended: to a reader that is end-of-file, not an internal fault.
    private bool IsEndOfConnection(Exception exception) =>
        exception is IOException or SocketException || (IsAborted && exception is ObjectDisposedException or InvalidOperationException);

    private IOException Ended(Exception cause) =>
        new(IsAborted ? $"The connection to {Node} was ended from this side." : $"The connection to {Node} ended: {cause.Message}", cause);
}
