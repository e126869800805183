using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>
/// The packages as a release makes them: of the working tree, in another directory and a repository of its own, which has a remote. Before the tests, whose
/// limit of time is for what may hang.
/// </summary>
public sealed class PackedPackages : IAsyncLifetime
{
    public const string RepositoryUrl = "https://github.com/example/convoy-redis";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    /// <summary>The packages that there are.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. from file in Directory.EnumerateFiles(Path.Combine(Dotnet.Root, "src"), "*.csproj", SearchOption.AllDirectories)
           where XDocument.Load(file).Descendants("IsPackable").Any(packable => packable.Value == "true")
           let name = Path.GetFileNameWithoutExtension(file)
           orderby name
           select name,
    ];

    public string Version { get; } = $"0.0.1-test.{Guid.NewGuid():N}";

    /// <summary>The commit that they are made of.</summary>
    public string Commit { get; private set; } = "";

    /// <summary>Where they were built.</summary>
    public string Source => Path.Combine(_directory.FullName, "source");

    /// <summary>Where they are.</summary>
    public string Folder => Path.Combine(_directory.FullName, "packed");

    public async ValueTask InitializeAsync()
    {
        foreach (var file in (await GitAsync(Dotnet.Root, "ls-files", "--cached", "--others", "--exclude-standard")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (from, to) = (Path.Combine(Dotnet.Root, file), Path.Combine(Source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            if (File.Exists(from))
                File.Copy(from, to);
        }

        await GitAsync(Source, "init", "--quiet");
        await GitAsync(Source, "remote", "add", "origin", $"{RepositoryUrl}.git");
        await GitAsync(Source, "add", "--all");
        await GitAsync(Source, "-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", "All");
        Commit = (await GitAsync(Source, "rev-parse", "HEAD")).Trim();

        // One build for all packages, by one process: a second one costs more CPU time than it saves. No analyzers: they ran when the tests were built.
        var projects = Names.Select(name => new XElement("Project", new XAttribute("Path", $"src/{name}/{name}.csproj")));
        await File.WriteAllTextAsync(Path.Combine(Source, "packages.slnx"), $"{new XElement("Solution", projects)}");
        await Dotnet.RunAsync(Source, "pack", "packages.slnx", "--maxCpuCount:1", "--configuration", "Release", "--output", Folder, $"--property:Version={Version}",
            "--property:ContinuousIntegrationBuild=true", "--property:RunAnalyzers=false", "--property:UseSharedCompilation=false");
    }

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);

        // NuGet keeps every version that was ever restored.
        var kept = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var name in Names)
        {
            var ours = new DirectoryInfo(Path.Combine(kept, name.ToLowerInvariant(), Version));
            if (ours.Exists)
                ours.Delete(recursive: true);
        }

        return default;
    }

    /// <summary>Opens a package.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="extension"><c>nupkg</c>, or <c>snupkg</c> for its symbols.</param>
    public ZipArchive Open(string name, string extension) => ZipFile.OpenRead(Path.Combine(Folder, $"{name}.{Version}.{extension}"));

    /// <summary>A configuration of NuGet that knows these packages, and <paramref name="others"/>.</summary>
    public string Configuration(string others = "") =>
        $"<configuration><packageSources>{others}<add key=\"packed\" value=\"{Folder}\" /></packageSources></configuration>";

    private static async Task<string> GitAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {output}");
        return output;
    }
}
