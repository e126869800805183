using System.Runtime.InteropServices;

namespace ConvoyRedis.Client.Tunnel.Handover;

/// <summary>
/// The replies that come while a stream is held. A master that is slow executes the last commands after its replica was promoted: StackExchange.Redis must not
/// see that they were acknowledged before it is known that the next master has them. For the reader of the stream, except where it says otherwise.
/// </summary>
internal sealed class WithheldReplies
{
    /// <summary>How much is withheld at most; replies to writes are short. What is longer is passed on, as if the stream were not held.</summary>
    public const int MostBytes = 1024 * 1024;

    private readonly List<byte> _bytes = [];
    private volatile bool _areExpected;
    private volatile bool _areLost;
    private bool _isFull;
    private int _taken;

    /// <summary>Whether they are never passed on.</summary>
    public bool AreLost => _areLost;

    /// <summary>The stream is held. For whoever holds it.</summary>
    /// <param name="areExpected">Whether a command has no reply yet.</param>
    public void Begin(bool areExpected) => _areExpected = areExpected;

    /// <summary>The next master lacks what they may acknowledge: they are never passed on. For whoever holds the stream.</summary>
    /// <returns>False if there are none.</returns>
    public bool TryDrop() => _areLost = _areExpected;

    /// <summary>Withholds a piece of the replies.</summary>
    /// <returns>False if it is to be passed on at once.</returns>
    public bool TryKeep(ReadOnlySpan<byte> piece)
    {
        if (_isFull && _bytes.Count == 0)
            return false;
        _bytes.AddRange(piece);
        _isFull |= _bytes.Count > MostBytes;
        return true;
    }

    /// <summary>Passes on what was withheld.</summary>
    /// <param name="buffer">Receives the next piece.</param>
    /// <param name="isHeld">Whether the stream is still held: then only if it was too much.</param>
    /// <returns>The length of the piece.</returns>
    public int Take(Span<byte> buffer, bool isHeld)
    {
        if (_areLost || (isHeld && !_isFull))
            return 0;
        _isFull &= isHeld;
        if (_bytes.Count == 0)
            return 0;
        var length = Math.Min(buffer.Length, _bytes.Count - _taken);
        CollectionsMarshal.AsSpan(_bytes).Slice(_taken, length).CopyTo(buffer);
        _taken += length;
        if (_taken == _bytes.Count)
        {
            _bytes.Clear();
            _taken = 0;
        }

        return length;
    }
}
