using System.CommandLine;
using ConvoyRedis.Tool.Check;
using ConvoyRedis.Tool.Config;
using ConvoyRedis.Tool.Drill;
using ConvoyRedis.Tool.Watch;

var root = new RootCommand("Shows how Convoy's Redis settings resolve, and checks, watches and drills the deployment that they describe.")
{
    ConfigCommand.Create(),
    CheckCommand.Create(),
    WatchCommand.Create(),
    DrillCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
