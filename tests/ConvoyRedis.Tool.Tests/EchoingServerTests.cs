using System.Globalization;
using ConvoyRedis.Client.Tests.Doubles;

namespace ConvoyRedis.Tool.Tests;

/// <summary>A server that repeats, in errors and in figures, everything that it was ever sent: the tool shows no secret.</summary>
public sealed class EchoingServerTests
{
    private const string Password = "p4ssword-of-nodes";

    [Theory]
    [InlineData("AUTH", "check")]
    [InlineData("", "check")]
    [InlineData("", "check", "--json")]
    [InlineData("", "check", "--format", "prometheus")]
    [InlineData("", "watch", "--for", "3s")]
    public async Task Run_ServerRepeatsWhatItWasSent_ShowsNoSecret(string refused, params string[] arguments)
    {
        ScriptedPeer? peer = null;
        string Everything() => string.Join(' ', peer!.Commands.SelectMany(command => command).Distinct());
        await using var started = peer = ScriptedPeer.Start(command => command[0] == refused ? Resp.Error($"ERR no {Everything()}") : command[0] switch
        {
            "PING" => Resp.Pong,
            "AUTH" => Resp.Ok,
            "ROLE" => Resp.Array(Resp.Bulk("master"), Resp.Number(0), Resp.Array()),
            "INFO" => Resp.Bulk($"role:master\r\nredis_version:{Everything()}\r\nconnected_clients:{Everything()}\r\n"
                + $"instantaneous_ops_per_sec:{Everything()}\r\nrdb_last_bgsave_status:{Everything()}\r\n"),
            "CONFIG" => Resp.Bulks(command[2], Everything()),
            "SMEMBERS" => Resp.Bulks(Everything()),
            _ => Resp.Error($"ODD {Everything()}"),
        });
        Dictionary<string, string> variables = new()
        {
            ["CONVOY_REDIS_HOST"] = peer.Endpoint.Host,
            ["CONVOY_REDIS_PORT"] = peer.Endpoint.Port.ToString(CultureInfo.InvariantCulture),
            ["CONVOY_REDIS_PASSWORD"] = Password,
        };

        var (_, output, error) = await ConvoyRedisTool.RunAsync(variables, Path.GetTempPath(), arguments);

        Assert.Contains("***", output + error, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, output + error, StringComparison.Ordinal);
    }
}
