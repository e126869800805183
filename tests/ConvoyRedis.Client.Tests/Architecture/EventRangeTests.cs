using System.Reflection;
using System.Text.RegularExpressions;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Tests.Architecture;

/// <summary>An event's id says from which folder it is logged.</summary>
public sealed partial class EventRangeTests
{
    private static readonly Dictionary<string, int> Ranges = new()
    {
        ["Diagnostics"] = 100,
        ["Sentinel"] = 400,
        ["Cluster"] = 500,
        ["Tunnel"] = 600,
        ["Reload"] = 700,
        ["Connection"] = 800,
    };

    [Fact]
    public void EventId_OfEachMessage_IsInTheRangeOfTheFolderThatLogsIt()
    {
        var calls =
            from file in SourceTree.Files
            let folder = SourceTree.FolderOf(file).Split('/')[0]
            from Match call in LogCall().Matches(File.ReadAllText(file))
            select (Message: call.Groups[1].Value, Folder: folder);

        // What fails unexpectedly can be anywhere.
        var logged = calls.Where(call => call.Message != nameof(Log.PartFailed)).Distinct().ToList();

        Assert.Equal(IdsByMessage.Keys.Except([nameof(Log.PartFailed)]).Order(StringComparer.Ordinal), logged.Select(call => call.Message).Order(StringComparer.Ordinal));
        Assert.All(logged, call => Assert.InRange(IdsByMessage[call.Message], Ranges[call.Folder], Ranges[call.Folder] + 99));
    }

    private static Dictionary<string, int> IdsByMessage => typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public)
        .Where(method => method.IsDefined(typeof(LoggerMessageAttribute)))
        .ToDictionary(method => method.Name, method => method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId);

    [GeneratedRegex(@"\bLog\.(\w+)\(")]
    private static partial Regex LogCall();
}
