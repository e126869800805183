using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Connection;

/// <summary>Applies changed settings to a live connection.</summary>
/// <param name="context">The log and the metrics.</param>
internal sealed class SettingsChange(ConnectionContext context)
{
    private string _loggedRestart = "";
    private bool _isLoggedIn = true;

    /// <summary>Applies a change: as new credentials, or as a switch. Settings that need a restart are logged, and not changed.</summary>
    /// <param name="connected">The live connection.</param>
    /// <param name="former">The present target.</param>
    /// <param name="target">The new target.</param>
    /// <param name="isTlsNew">Whether the contents of the TLS files have changed.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The present target of the connection, and whether every server accepted it: otherwise apply it again.</returns>
    /// <exception cref="ConvoyRedisConnectionException">The new target cannot be reached; the connection is not changed.</exception>
    public async Task<(ConvoyRedisTarget Target, bool IsTaken)> ApplyAsync(
        ConnectedDeployment connected, ConvoyRedisTarget former, ConvoyRedisTarget target, bool isTlsNew, CancellationToken cancellationToken)
    {
        if (former.Topology == ConvoyRedisTopology.Cluster && target.Topology == ConvoyRedisTopology.Standalone)
            target = target.AsCluster();
        var change = new TargetChange(former, target, isTlsNew);
        LogRestart(string.Join(", ", change.RequiresRestart));
        target = change.Taken;
        if (change.Effect == ChangeEffect.Switch)
        {
            await connected.SwitchAsync(target, cancellationToken).ConfigureAwait(false);
            context.Telemetry.Rename(target);
            Log.Switched(context.Logger, target.ToString());
            _isLoggedIn = true;
            return (target, true);
        }

        if (change.Effect == ChangeEffect.Credentials || !_isLoggedIn)
        {
            _isLoggedIn = false;
            _isLoggedIn = await connected.ChangeCredentialsAsync(target, cancellationToken).ConfigureAwait(false);
            if (_isLoggedIn)
                Log.CredentialsChanged(context.Logger);
        }

        return (target, _isLoggedIn);
    }

    // Once for each time that it becomes so: what is not fully taken over is applied again and again.
    private void LogRestart(string settings)
    {
        if (settings.Length > 0 && settings != _loggedRestart)
            Log.RestartRequired(context.Logger, settings);
        _loggedRestart = settings;
    }
}
