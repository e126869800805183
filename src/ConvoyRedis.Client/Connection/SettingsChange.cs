using ConvoyRedis.Client.Configuration;
using ConvoyRedis.Client.Diagnostics;

namespace ConvoyRedis.Client.Connection;

/// <summary>Takes changed settings over on a live connection.</summary>
/// <param name="context">The log and the figures.</param>
internal sealed class SettingsChange(ConnectionContext context)
{
    private string _loggedRestart = "";
    private bool _isLoggedIn = true;

    /// <summary>Takes a change over: as new credentials, or as a switch. What needs a restart is logged, and stays as it is.</summary>
    /// <param name="connected">The live connection.</param>
    /// <param name="former">What it leads to.</param>
    /// <param name="target">What it should lead to.</param>
    /// <param name="isTlsNew">Whether the TLS files hold something else than before.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What the connection leads to now, and whether every server took it: otherwise it is to be applied once more.</returns>
    /// <exception cref="ConvoyRedisConnectionException">The new target is not reached; the connection stays as it is.</exception>
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
