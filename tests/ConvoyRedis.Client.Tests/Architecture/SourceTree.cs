namespace ConvoyRedis.Client.Tests.Architecture;

/// <summary>The library's source files in the working tree that the tests were built in.</summary>
internal static class SourceTree
{
    private static readonly string Library = Path.Combine(Root, "src", "ConvoyRedis.Client");

    /// <summary>The root of the repository.</summary>
    public static string Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "ConvoyRedis.Client.sln")))
                directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run in the working tree.");
            return directory.FullName;
        }
    }

    /// <summary>The files.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
        .Where(file => FolderOf(file).Split('/')[0] is not ("obj" or "bin"));

    /// <summary>A file's folder, for example <c>Tunnel/Handover</c>; empty for the library's own.</summary>
    public static string FolderOf(string file) => Path.GetRelativePath(Library, Path.GetDirectoryName(file)!).Replace('\\', '/') switch
    {
        "." => "",
        var folder => folder,
    };
}
