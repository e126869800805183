using System.Globalization;
using System.Text;
using ConvoyRedis.Client.Tunnel.Handover;

namespace ConvoyRedis.Client.Tests.Tunnel.Handover;

public sealed class LoadedScriptsTests
{
    private readonly LoadedScripts _scripts = new();

    [Fact]
    public void Add_SameScriptTwice_IsRememberedOnce()
    {
        _scripts.Add("return 1"u8.ToArray());
        _scripts.Add("return 1"u8.ToArray());

        Assert.Equal(["SCRIPT", "LOAD", "return 1"], Assert.Single(_scripts.Commands).Select(Encoding.ASCII.GetString));
        Assert.Null(_scripts.Unfit);
    }

    [Fact]
    public void Add_OneScriptTooMany_ForgetsAllAndSaysSo()
    {
        _scripts.Add(new byte[LoadedScripts.MostBytes / 2]);
        _scripts.Add("return 1"u8.ToArray());
        Assert.Null(_scripts.Unfit);

        _scripts.Add(new byte[(LoadedScripts.MostBytes / 2) + 1]);

        Assert.NotNull(_scripts.Unfit);
        Assert.Empty(_scripts.Commands);
    }

    [Fact]
    public void Clear_TooManyBefore_RemembersAnew()
    {
        _scripts.GiveUp();

        _scripts.Clear();
        _scripts.Add("return 1"u8.ToArray());

        Assert.Null(_scripts.Unfit);
        Assert.Single(_scripts.Commands);
    }

    // Alone: it looks at the memory of the process.
    [Fact(DisableParallelization = true)]
    public void Session_TwoHundredThousandScripts_HoldsNextToNothing()
    {
        const long Together = 200_000L * 1024;
        var scanner = new CommandScanner(new SessionState(_scripts));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var number = 0; number < 200_000; number++)
        {
            scanner.Advance(Pipelines.Encode("SCRIPT", "LOAD", string.Create(CultureInfo.InvariantCulture, $"{number,1024}")), stopAtRest: false);
            scanner.Session.Answered(isError: false);
        }

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, Together / 4);
        Assert.NotNull(scanner.Session.Unfit);
        Assert.Empty(scanner.Session.Replay);
    }
}
