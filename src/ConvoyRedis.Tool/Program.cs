using System.CommandLine;
using ConvoyRedis.Tool.Config;
using ConvoyRedis.Tool.Drill;

var root = new RootCommand("Shows how Convoy's Redis settings resolve, and drills the failover of the deployment that they describe.")
{
    ConfigCommand.Create(),
    DrillCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
