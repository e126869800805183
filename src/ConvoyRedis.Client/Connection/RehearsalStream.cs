using System.IO.Pipelines;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Connection;

/// <summary>One side of a connection in memory.</summary>
/// <param name="reader">What the other side wrote.</param>
/// <param name="writer">What the other side reads.</param>
internal sealed class RehearsalStream(PipeReader reader, PipeWriter writer) : AsyncDuplexStream
{
    private readonly Stream _reader = reader.AsStream();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _reader.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await writer.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);

    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        writer.Complete();
        reader.CancelPendingRead();
        base.Dispose(disposing);
    }
}
