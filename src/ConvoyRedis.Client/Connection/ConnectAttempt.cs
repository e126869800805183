using System.Diagnostics;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Client.Reload;
using ConvoyRedis.Client.Resilience;

namespace ConvoyRedis.Client.Connection;

/// <summary>The first connect of a connection, retried until it succeeds or retrying is pointless.</summary>
/// <param name="settings">Reads the settings again before each attempt.</param>
/// <param name="masterFollowed">Called for each move of the master.</param>
/// <param name="context">The clock, the log and the metrics.</param>
internal sealed class ConnectAttempt(SettingsReloader settings, Action<MasterChangedEventArgs> masterFollowed, ConnectionContext context)
{
    /// <summary>Connects.</summary>
    /// <param name="target">What the settings meant when they were last read.</param>
    /// <param name="connecting">Receives the target each time the settings have been read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ConvoyRedisConnectionException">Retrying is pointless until a setting changes.</exception>
    public async Task<ConnectedDeployment> RunAsync(ConvoyRedisTarget target, Action<ConvoyRedisTarget> connecting, CancellationToken cancellationToken)
    {
        foreach (var warning in target.Warnings)
            Log.ConfigurationWarning(context.Logger, warning);
        if (target.TlsSkipVerify)
            Log.CertificatesNotVerified(context.Logger);
        var span = context.Telemetry.StartConnect();
        try
        {
            var connected = await ConnectPipeline.Create((fault, pause) => OnFailed(target, fault, pause, span), context.Time).ExecuteAsync(
                async token =>
                {
                    target = await settings.CurrentAsync(target, token).ConfigureAwait(false);
                    connecting(target);
                    token.ThrowIfCancellationRequested();
                    return await ConnectedDeployment.ConnectAsync(target, masterFollowed, settings.Look, context, token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            connecting(connected.Target);
            context.Telemetry.Rename(connected.Target);
            if (settings.IsNeeded)
                settings.Start(target);
            foreach (var tag in connected.Master is { } master ? Telemetry.Address(master) : [])
                span?.SetTag(tag.Key, tag.Value);
            return connected;
        }
        catch (Exception exception)
        {
            var fault = exception as ConvoyRedisConnectionException;
            if (fault is { IsFinal: true })
                Log.ConnectRefused(context.Logger, target.ToString(), fault.Message);
            span?.SetStatus(ActivityStatusCode.Error, fault?.Message ?? exception.GetType().Name);
            span?.SetTag("error.type", fault?.Fault.ToString() ?? exception.GetType().FullName);
            throw;
        }
        finally
        {
            Telemetry.End(span);
        }
    }

    private void OnFailed(ConvoyRedisTarget target, ConvoyRedisConnectionException fault, TimeSpan pause, Activity? span)
    {
        span?.AddEvent(new ActivityEvent(fault.Message));
        context.Obstructed(fault);
        Log.ConnectFailed(context.Logger, target.ToString(), fault.Message, pause.TotalMilliseconds);
    }
}
