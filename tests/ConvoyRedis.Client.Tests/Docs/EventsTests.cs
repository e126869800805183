using System.Reflection;
using System.Text.RegularExpressions;
using ConvoyRedis.Client.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ConvoyRedis.Client.Tests.Docs;

public sealed partial class EventsTests
{
    private static IEnumerable<LoggerMessageAttribute> Events =>
        typeof(Log).GetMethods(BindingFlags.Static | BindingFlags.Public).Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>();

    [Fact]
    public void Table_OfTheEventsPage_ListsEachEventWithItsLevelAndMessage()
    {
        var listed = Row().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Docs", "events.md")))
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value));

        var logged = Events.Select(logged => ($"{logged.EventId}", $"{logged.Level}", logged.Message));

        Assert.Equal(logged.Order(), listed.Order());
    }

    [Fact]
    public void Row_OfAWarningOrError_HasACauseAndARemedy()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Docs", "events.md")).Where(line => line.Contains("| Warning |") || line.Contains("| Error |")).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.All(row.Split('|')[4..6], cell => Assert.NotEqual("", cell.Trim())));
    }

    [GeneratedRegex(@"^\| (\d+) \| (\w+) \| `(.*?)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
