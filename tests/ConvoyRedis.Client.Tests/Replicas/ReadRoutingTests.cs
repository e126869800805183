using ConvoyRedis.Client.Replicas;
using StackExchange.Redis;

namespace ConvoyRedis.Client.Tests.Replicas;

public sealed class ReadRoutingTests
{
    private bool _hasReplica = true;

    public static MatrixTheoryData<ConvoyRedisReadFrom, CommandFlags> Preferences { get; } =
        new(Enum.GetValues<ConvoyRedisReadFrom>(), [CommandFlags.DemandMaster, CommandFlags.PreferReplica, CommandFlags.DemandReplica]);

    [Theory]
    [InlineData(ConvoyRedisReadFrom.Master, CommandFlags.DemandMaster)]
    [InlineData(ConvoyRedisReadFrom.PreferMaster, CommandFlags.None)]
    [InlineData(ConvoyRedisReadFrom.PreferReplica, CommandFlags.PreferReplica)]
    [InlineData(ConvoyRedisReadFrom.Replica, CommandFlags.DemandReplica)]
    public void Read_FlagsSetNoPreference_GetsThatOfTheSetting(ConvoyRedisReadFrom readFrom, CommandFlags expected)
    {
        var routing = Routing(readFrom);

        Assert.Equal(expected, routing.Read(CommandFlags.None));
        Assert.Equal(expected | CommandFlags.FireAndForget | CommandFlags.NoRedirect, routing.Read(CommandFlags.FireAndForget | CommandFlags.NoRedirect));
    }

    [Theory]
    [MemberData(nameof(Preferences))]
    public void Read_FlagsSetAPreference_KeepsIt(ConvoyRedisReadFrom readFrom, CommandFlags preference)
    {
        var routing = Routing(readFrom);

        Assert.Equal(preference, routing.Read(preference));
        Assert.Equal(preference | CommandFlags.NoRedirect, routing.Read(preference | CommandFlags.NoRedirect));
    }

    [Theory]
    [MemberData(nameof(Preferences))]
    public void Other_FlagsSetAPreference_KeepsIt(ConvoyRedisReadFrom readFrom, CommandFlags preference)
    {
        var routing = Routing(readFrom);

        Assert.Equal(preference, routing.Other(preference));
        Assert.Equal(preference | CommandFlags.NoRedirect, routing.Other(preference | CommandFlags.NoRedirect));
    }

    [Theory]
    [InlineData(ConvoyRedisReadFrom.Master)]
    [InlineData(ConvoyRedisReadFrom.PreferMaster)]
    [InlineData(ConvoyRedisReadFrom.PreferReplica)]
    [InlineData(ConvoyRedisReadFrom.Replica)]
    public void Other_FlagsSetNoPreference_GoesToTheMaster(ConvoyRedisReadFrom readFrom)
    {
        var routing = Routing(readFrom);

        Assert.Equal(CommandFlags.DemandMaster, routing.Other(CommandFlags.None));
        Assert.Equal(CommandFlags.DemandMaster | CommandFlags.FireAndForget, routing.Other(CommandFlags.FireAndForget));
    }

    [Theory]
    [InlineData(ConvoyRedisReadFrom.Replica, CommandFlags.None)]
    [InlineData(ConvoyRedisReadFrom.PreferMaster, CommandFlags.DemandReplica)]
    public void Flags_DemandAReplica_AndThereIsNone_AreRefused(ConvoyRedisReadFrom readFrom, CommandFlags flags)
    {
        _hasReplica = false;

        Assert.Contains("No replica", Assert.Throws<RedisConnectionException>(() => Routing(readFrom).Read(flags)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_PreferAReplica_AndThereIsNone_AreKept()
    {
        _hasReplica = false;

        Assert.Equal(CommandFlags.PreferReplica, Routing(ConvoyRedisReadFrom.PreferReplica).Read(CommandFlags.None));
        Assert.Equal(CommandFlags.DemandMaster, Routing(ConvoyRedisReadFrom.Replica).Read(CommandFlags.DemandMaster));
        Assert.Throws<RedisConnectionException>(() => Routing(ConvoyRedisReadFrom.PreferReplica).Other(CommandFlags.DemandReplica));
    }

    private ReadRouting Routing(ConvoyRedisReadFrom readFrom) => new(readFrom, () => _hasReplica);
}
