using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>What is in each package.</summary>
[Collection<PackedOnce>]
public sealed partial class PackageContentTests(PackedPackages packages)
{
    private const int LongestReleaseNotes = 35_000;

    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    public static TheoryData<string> Names => [.. PackedPackages.Names];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public void Nuspec_OfEachPackage_SaysWhatItIsAndWhereItComesFrom(string name)
    {
        using var package = packages.Open(name, "nupkg");
        var nuspec = XDocument.Parse(Text(package, $"{name}.nuspec")).Root!.Elements().Single();
        string? Value(string element) => nuspec.Elements().SingleOrDefault(child => child.Name.LocalName == element)?.Value;

        Assert.Equal(
            (name, packages.Version, "MIT", "README.md", "icon.png", PackedPackages.RepositoryUrl),
            (Value("id"), Value("version"), Value("license"), Value("readme"), Value("icon"), Value("projectUrl")));
        Assert.All((string[])["authors", "copyright", "tags", "description"], element => Assert.NotEqual("", Value(element) ?? ""));
        var repository = nuspec.Elements().Single(child => child.Name.LocalName == "repository");
        Assert.Equal(
            ("git", $"{PackedPackages.RepositoryUrl}.git", packages.Commit),
            ((string?)repository.Attribute("type"), (string?)repository.Attribute("url"), (string?)repository.Attribute("commit")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ReleaseNotes_OfEachPackage_AreTheNewestSectionOfTheChangelog(string name)
    {
        using var package = packages.Open(name, "nupkg");
        var notes = XDocument.Parse(Text(package, $"{name}.nuspec")).Descendants().Single(element => element.Name.LocalName == "releaseNotes").Value;
        var changelog = await File.ReadAllTextAsync(Path.Combine(packages.Source, "CHANGELOG.md"), Token);
        var newest = changelog.Split("\n## ")[1].Split('\n', 2)[1].Trim();

        Assert.Equal(Link().Replace(newest, ""), Link().Replace(notes.ReplaceLineEndings("\n").Trim(), ""));
        Assert.InRange(notes.Length, 1, LongestReleaseNotes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ReadmeAndIcon_OfEachPackage_AreThere_AndEachLinkLeadsIntoTheRepository(string name)
    {
        using var package = packages.Open(name, "nupkg");
        var targets = Link().Matches(Text(package, "README.md")).Select(link => link.Groups[1].Value).ToList();

        // To somewhere else, to a place on the page, or to a file that there is at this commit.
        var (pages, files) = ($"{PackedPackages.RepositoryUrl}/blob/{packages.Commit}/", $"https://raw.githubusercontent.com/example/convoy-redis/{packages.Commit}/");
        Assert.All(targets, target => Assert.True(target.StartsWith("https://", StringComparison.Ordinal) || target[0] == '#', target));
        Assert.All(
            targets.Where(target => target.StartsWith(pages, StringComparison.Ordinal) || target.StartsWith(files, StringComparison.Ordinal)),
            target => Assert.True(Path.Exists(Path.Combine(packages.Source, target[(target.StartsWith(pages, StringComparison.Ordinal) ? pages : files).Length..].Split('#')[0])), target));
        if (name == "ConvoyRedis.Client")
            Assert.Contains(targets, target => target.StartsWith(pages, StringComparison.Ordinal));
        using var icon = package.GetEntry("icon.png")!.Open();
        Assert.Equal("\x89PNG", Encoding.Latin1.GetString(new BinaryReader(icon).ReadBytes(4)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Assemblies_OfEachPackage_AreReproducible_AndTheirSymbolsLeadToTheSource(string name)
    {
        using var package = packages.Open(name, "nupkg");
        using var symbols = packages.Open(name, "snupkg");
        var ours = package.Entries.Where(entry => OurAssembly().IsMatch(entry.FullName)).ToList();

        Assert.NotEmpty(ours);
        foreach (var assembly in ours)
        {
            using var pe = new PEReader(Copy(assembly));
            Assert.Contains(pe.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
            using var pdb = MetadataReaderProvider.FromPortablePdbStream(Copy(symbols.GetEntry(Path.ChangeExtension(assembly.FullName, "pdb"))!));
            var reader = pdb.GetMetadataReader();

            // Of every source file, the path says nothing of the machine, and leads to the commit; what the compiler made is in the symbols themselves.
            var link = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation).Single(information => reader.GetGuid(information.Kind) == SourceLink);
            var (from, to) = JsonNode.Parse(reader.GetBlobBytes(link.Value))!["documents"]!.AsObject().Select(document => (document.Key, document.Value!.GetValue<string>())).Single();
            Assert.Equal($"https://raw.githubusercontent.com/example/convoy-redis/{packages.Commit}/*", to);
            var documents = reader.Documents.Select(document => (
                Path: reader.GetString(reader.GetDocument(document).Name),
                IsEmbedded: reader.GetCustomDebugInformation(document).Any(information => reader.GetGuid(reader.GetCustomDebugInformation(information).Kind) == EmbeddedSource)))
                .ToList();
            Assert.All(documents, document => Assert.DoesNotContain(packages.Source, document.Path, StringComparison.Ordinal));
            Assert.All(documents, document => Assert.True(document.IsEmbedded || document.Path.StartsWith(from.TrimEnd('*'), StringComparison.Ordinal), document.Path));
            Assert.Contains(documents, document => !document.IsEmbedded);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Documentation_OfEachLibrary_IsBesideIt(string name)
    {
        using var package = packages.Open(name, "nupkg");

        if (package.GetEntry("tools/net10.0/any/DotnetToolSettings.xml") is { } settings)
            Assert.Contains("\"convoy-redis\"", Text(package, settings.FullName), StringComparison.Ordinal);
        else
            Assert.Contains("<member name=", Text(package, $"lib/net10.0/{name}.xml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tool_InstalledFromTheFolderAlone_Runs()
    {
        var folder = Path.Combine(packages.Folder, "tool");
        var configuration = Path.Combine(packages.Folder, "nuget.config");
        await File.WriteAllTextAsync(configuration, packages.Configuration("<clear />"), Token);

        await Dotnet.RunAsync(packages.Folder, "tool", "install", "ConvoyRedis.Tool", "--version", packages.Version, "--tool-path", folder, "--configfile", configuration);

        var command = Path.Combine(folder, "convoy-redis");
        Assert.Contains("Examples:", await Dotnet.StartAsync(command, packages.Folder, "--help"), StringComparison.Ordinal);
        Assert.Contains("localhost:6379", await Dotnet.StartAsync(command, packages.Folder, "config"), StringComparison.Ordinal);
        Assert.Equal(packages.Version, (await Dotnet.StartAsync(command, packages.Folder, "--version")).Split('+')[0].Trim());
    }

    private static string Text(ZipArchive package, string file)
    {
        using var reader = new StreamReader(package.GetEntry(file)?.Open() ?? throw new FileNotFoundException(file));
        return reader.ReadToEnd();
    }

    private static MemoryStream Copy(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        var copy = new MemoryStream();
        stream.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }

    [GeneratedRegex(@"(?<=\]\()([^)\s]+)(?=\))")]
    private static partial Regex Link();

    [GeneratedRegex(@"/(ConvoyRedis\.\w+|convoy-redis)\.dll$")]
    private static partial Regex OurAssembly();
}
