using ConvoyRedis.Client;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Shared;

namespace ConvoyRedis.Tool.Drill;

/// <summary>Asks the servers of the settings, one after the other, until one answers.</summary>
internal sealed class FirstAnswer(NodeDialer dialer, ConvoyRedisTarget target)
{
    /// <exception cref="ConvoyRedisConnectionException">None answers, or the last one refuses.</exception>
    public async Task<RespReply> AskAsync(string[] command, CancellationToken cancellationToken)
    {
        ConvoyRedisConnectionException? last = null;
        foreach (var server in target.Endpoints)
        {
            try
            {
                return await AskAsync(server, command, cancellationToken);
            }
            catch (ConvoyRedisConnectionException exception)
            {
                last = exception;
            }
        }

        throw last!;
    }

    /// <summary>Asks one server.</summary>
    /// <exception cref="ConvoyRedisConnectionException">It does not answer, or refuses.</exception>
    public async Task<RespReply> AskAsync(ConvoyRedisEndpoint server, string[] command, CancellationToken cancellationToken)
    {
        try
        {
            using var transport = await dialer.DialAsync(server, cancellationToken);
            var reply = await transport.Resp.ExecuteAsync(command, cancellationToken).WaitAsync(target.ConnectTimeout, cancellationToken);
            return reply.IsError ? throw dialer.Refused(server, reply.Text!) : reply;
        }
        catch (Exception exception) when (exception is IOException or TimeoutException)
        {
            throw new ConvoyRedisConnectionException(ConvoyRedisFault.Unreachable, $"{server}: {exception.Message}", exception);
        }
    }
}
