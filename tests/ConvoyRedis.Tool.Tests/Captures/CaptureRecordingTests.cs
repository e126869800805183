using System.Globalization;

namespace ConvoyRedis.Tool.Tests.Captures;

/// <summary>
/// The pictures of the command, drawn only when somebody asks for it: <c>eng/captures.sh</c> lets the command write to terminals, keeps what it wrote in files such as
/// <c>check.80</c> (the columns of the terminal) in the directory that the variable CAPTURES_DIRECTORY names, and wants the pictures in the one of PICTURES_DIRECTORY.
/// </summary>
public sealed class CaptureRecordingTests
{
    [Fact(Explicit = true)]
    public void Captures_Recorded_BecomePictures()
    {
        var pictures = Environment.GetEnvironmentVariable("PICTURES_DIRECTORY")!;
        var captures = Directory.GetFiles(Environment.GetEnvironmentVariable("CAPTURES_DIRECTORY")!);

        Assert.NotEmpty(captures);
        foreach (var capture in captures)
        {
            var columns = int.Parse(Path.GetExtension(capture).TrimStart('.'), CultureInfo.InvariantCulture);
            var name = $"{Path.GetFileNameWithoutExtension(capture)}{(columns < CapturesTests.Columns ? CapturesTests.Narrow : "")}.svg";
            File.WriteAllText(Path.Combine(pictures, name), CapturePicture.Draw(TerminalGrid.Of(File.ReadAllText(capture), columns), columns));
        }
    }
}
