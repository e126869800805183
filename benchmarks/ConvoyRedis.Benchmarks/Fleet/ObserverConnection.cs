using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Benchmarks.Fleet;

/// <summary>A connection of the observer, which blocks its thread: nothing is between the end of the connection and the look at the clock.</summary>
internal sealed class ObserverConnection : IDisposable
{
    private const int AnswerTimeoutMilliseconds = 2000;

    private readonly Socket _socket;
    private readonly Stream _stream;

    private ObserverConnection(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    /// <exception cref="IOException">The node does not accept it.</exception>
    public static ObserverConnection Open(SentinelTopology topology, RedisServer node)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = AnswerTimeoutMilliseconds };
        try
        {
            socket.Connect(node.Host, node.Port);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (topology.Certificates is { } certificates)
                stream = Secure(stream, certificates.AuthorityFile);
            var connection = new ObserverConnection(socket, stream);
            if (topology.Options.Password is { } password)
                connection.Ask("AUTH", password);
            return connection;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Tries a write.</summary>
    /// <returns>Whether it was accepted.</returns>
    /// <exception cref="IOException">The connection ended.</exception>
    public bool TryWrite(string key) => Ask("SET", key, "1", "EX", "60").StartsWith('+');

    /// <summary>Returns when the connection has ended.</summary>
    public void WaitUntilEnded()
    {
        try
        {
            _socket.ReceiveTimeout = 0;
            var buffer = new byte[1];
            while (_stream.Read(buffer) > 0)
            {
                // Nothing was asked: nothing is read.
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Ended too.
        }
    }

    public void Dispose()
    {
        // Ends a read of another thread.
        _socket.Dispose();
        _stream.Dispose();
    }

    private static SslStream Secure(Stream stream, string authority)
    {
        var secured = new SslStream(stream);
        secured.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        });
        return secured;
    }

    private string Ask(params string[] command)
    {
        var text = new StringBuilder().Append('*').Append(command.Length).Append("\r\n");
        foreach (var argument in command)
            text.Append('$').Append(Encoding.UTF8.GetByteCount(argument)).Append("\r\n").Append(argument).Append("\r\n");
        _stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
        var line = new StringBuilder();
        var buffer = new byte[1];
        while (buffer[0] != '\n')
        {
            if (_stream.Read(buffer) == 0)
                throw new EndOfStreamException("The server closed the connection.");
            line.Append((char)buffer[0]);
        }

        return line.ToString();
    }
}
