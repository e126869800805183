using System.Text.RegularExpressions;
using ConvoyRedis.Client;
using ConvoyRedis.Client.Diagnostics;
using ConvoyRedis.Tool.Survey;

namespace ConvoyRedis.Tool.Watch;

/// <summary>Everything that the sentinels publish, also what no client acts on.</summary>
internal static partial class SentinelEvents
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Listens to all configured sentinels until cancelled; one that is gone, or refuses, is tried again.</summary>
    public static Task ListenAsync(Surveyor surveyor, ConvoyRedisTarget target, EventStream events, CancellationToken cancellationToken) =>
        target.Topology == ConvoyRedisTopology.Sentinel
            ? Task.WhenAll(target.Endpoints.Select(sentinel => ListenAsync(surveyor, sentinel, target, events, cancellationToken)))
            : Task.CompletedTask;

    private static async Task ListenAsync(
        Surveyor surveyor, ConvoyRedisEndpoint sentinel, ConvoyRedisTarget target, EventStream events, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using var transport = await surveyor.DialSentinelAsync(sentinel, cancellationToken);
                await transport.Resp.SendAsync(["PSUBSCRIBE", "*"], cancellationToken);
                while (true)
                {
                    var pushed = await transport.Resp.ReadAsync(cancellationToken);
                    if (pushed[0] == "pmessage")
                        events.Add(sentinel.ToString(), Shown($"{pushed[2]} {pushed[3]}", target));
                    else if (pushed.IsError)
                        throw new IOException("The subscription was refused.");
                }
            }
            catch (Exception exception) when (exception is ConvoyRedisConnectionException or IOException or OperationCanceledException)
            {
                // That it does not answer is shown in its line.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // "+sdown slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379": which master it is about is known, the address is there twice, and ids are long.
    private static string Shown(string text, ConvoyRedisTarget target) =>
        LongId().Replace(TwiceNamed().Replace(ServerText.Shown(text, target).Split($" @ {target.MasterName} ")[0], "$1:$2"), "$1…");

    [GeneratedRegex(@"(?<= slave )(\S+):(\d+) \1 \2(?!\S)")]
    private static partial Regex TwiceNamed();

    [GeneratedRegex("([0-9a-f]{8})[0-9a-f]{32}")]
    private static partial Regex LongId();
}
