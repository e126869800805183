using ConvoyRedis.Shared;

namespace ConvoyRedis.Testing.Processes;

/// <summary>A connection of the lab's own to a server.</summary>
internal sealed class LabConnection(Stream stream, RespConnection resp) : IDisposable
{
    public RespConnection Resp { get; } = resp;

    public void Dispose() => stream.Dispose();
}
