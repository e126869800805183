using NRedisStack;
using NRedisStack.RedisStackCommands;
using NRedisStack.Search;
using StackExchange.Redis;

namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>NRedisStack: its commands for every Redis work; those of modules that the server does not have fail as on a plain multiplexer.</summary>
internal sealed class StackCommands(IConnectionMultiplexer multiplexer, ConvoyRedisConnection connection) : ILibrary
{
    private const double NoTimeInSeconds = 0.01;
    private const string FromTheFirst = "0";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Expiry = TimeSpan.FromMinutes(1);

    private readonly IDatabase _database = multiplexer.GetDatabase();
    private readonly List<(Call Call, bool IsRight)> _rounds = [];
    private Repeated? _working;

    public Calls Calls { get; } = new();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await AssertFailsAsOnAPlainOneAsync();
        _working = new Repeated(Pause, RoundAsync);
    }

    public async Task StopAsync(Outage outage, CancellationToken cancellationToken)
    {
        await _working!.StopAsync();
        await AssertFailsAsOnAPlainOneAsync();
    }

    public string Check(Outage outage)
    {
        Assert.DoesNotContain(_rounds, round => outage.Keeps(round.Call) && !round.IsRight);
        Assert.True(!outage.IsPlanned || !Calls.Errors.Any(), $"{Calls}");
        return $"{_rounds.Count(round => !round.IsRight)} items lost in the last instant";
    }

    public async ValueTask DisposeAsync()
    {
        if (_working is not null)
            await _working.DisposeAsync();
    }

    private async Task RoundAsync(int number)
    {
        var isRight = false;
        var call = await Calls.MakeAsync(async () =>
        {
            RedisKey list = $"stack:{number}:list", set = $"stack:{number}:set", stream = $"stack:{number}:stream";
            await Task.WhenAll(
                _database.ListRightPushAsync(list, number), _database.SortedSetAddAsync(set, "item", number), _database.StreamAddAsync(stream, "number", number));
            await _database.KeyExpireAsync(stream, Expiry);
            var popped = await _database.BLPopAsync(list, NoTimeInSeconds);
            var least = await _database.BZPopMinAsync(set, NoTimeInSeconds);
            var entries = await _database.XReadAsync(stream, FromTheFirst);
            isRight = popped?.Item2 == number && least?.Item2.Score == number && entries?.Single().Values.Single().Value == number;
        });
        if (call.Error is null)
            _rounds.Add((call, isRight));
    }

    private async Task AssertFailsAsOnAPlainOneAsync()
    {
        await using var plain = await ConnectionMultiplexer.ConnectAsync($"{connection.Master},password={connection.Target.Password}");
        foreach (var command in (Func<IDatabase, Task>[])[
            database => database.JSON().SetAsync("document", "$", "1"),
            database => database.FT().SearchAsync("index", new Query("*"))])
        {
            var expected = await Assert.ThrowsAsync<RedisServerException>(() => command(plain.GetDatabase()));
            Assert.Equal(expected.Message, (await Assert.ThrowsAsync<RedisServerException>(() => command(_database))).Message);
        }
    }
}
