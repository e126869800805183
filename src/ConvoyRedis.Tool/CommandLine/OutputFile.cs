namespace ConvoyRedis.Tool.CommandLine;

/// <summary>A file that a command writes.</summary>
internal static class OutputFile
{
    /// <summary>Writes the whole file at once: whoever reads it meanwhile sees the former one.</summary>
    /// <exception cref="OutputFileException">It cannot be written.</exception>
    public static void Write(string path, string content)
    {
        var whole = Path.GetFullPath(path);
        var beside = $"{whole}.{Environment.ProcessId}";
        try
        {
            File.WriteAllText(beside, content);
            File.Move(beside, whole, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputFileException(path, exception);
        }
    }

    /// <summary>Refuses a file in a directory that does not exist, before the command does its work.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public static string? Problem(string option, string path) => Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path)))
        ? null : $"{option} '{path}': there is no such directory.";
}
