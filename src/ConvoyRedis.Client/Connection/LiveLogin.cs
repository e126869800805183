using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Nodes;
using ConvoyRedis.Client.Tunnel;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Connection;

/// <summary>Logs the live command streams in with other credentials.</summary>
/// <param name="tunnel">Owns the streams.</param>
/// <param name="context">The log.</param>
internal sealed class LiveLogin(MasterTunnel tunnel, ConnectionContext context)
{
    private readonly HashSet<(ConvoyRedisEndpoint Node, Credentials.Login Login)> _refusedBy = [];

    /// <summary>Logs in. A server's refusal is logged once for each login, although the login is retried every few seconds.</summary>
    /// <param name="multiplexer">Uses the streams.</param>
    /// <param name="credentials">The logins to try, the new one first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether all servers accepted the login.</returns>
    public async Task<bool> ChangeAsync(IConnectionMultiplexer multiplexer, Credentials credentials, CancellationToken cancellationToken)
    {
        var login = credentials.All[0];
        if (login.Command is not { } command)
            return true;
        tunnel.ExpectLogin(command);
        var taken = true;
        foreach (var server in multiplexer.GetServers().Where(server => server.IsConnected))
        {
            try
            {
                await server.ExecuteAsync("AUTH", [.. command.Skip(1)]).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RedisException or TimeoutException)
            {
                taken = false;
                var node = tunnel.NodeAt(server.EndPoint);
                if (_refusedBy.Add((node, login)))
                    Log.LoginNotAccepted(context.Logger, node, credentials.Shown(exception.Message));
            }
        }

        return taken;
    }
}
