using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Extensions;
using ArchUnitNET.Loader;

namespace ConvoyRedis.Client.Tests.Architecture;

/// <summary>
/// The folders of the library in their order: a type may need types of its own folder and of those before it, and no other.
/// </summary>
public sealed class FolderOrderTests
{
    private static readonly string[] Order =
    [
        "", "Configuration", "Failover", "Diagnostics", "Resilience", "Nodes", "Sentinel", "Cluster", "Tunnel/Handover", "Tunnel", "Reload",
        "Connection", "Health", "DependencyInjection",
    ];

    private static string Library => Path.Combine(RepositoryRoot, "src", "ConvoyRedis.Client");

    private static string RepositoryRoot
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "ConvoyRedis.Client.sln")))
                directory = directory.Parent!;
            return directory.FullName;
        }
    }

    [Fact]
    public void Folders_AllOfTheLibrary_HaveAPlaceInTheOrder()
    {
        var folders = FoldersByType().Values.Distinct();

        Assert.Equal(Order.Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Types_OfEachFolder_NeedNoneOfALaterFolder()
    {
        var folders = FoldersByType();
        var types = new ArchLoader().LoadAssembly(typeof(ConvoyRedisConnection).Assembly).Build().Types;

        var wrong = (
            from type in types
            let folder = FolderOf(type, folders)
            where folder is not null
            from needed in type.GetTypeDependencies()
            let neededFolder = FolderOf(needed, folders)
            where neededFolder is not null && Array.IndexOf(Order, neededFolder) > Array.IndexOf(Order, folder)
            select $"{type.Name} ({folder}) needs {needed.Name} ({neededFolder})").Distinct().ToList();

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    // Null: a type of another assembly, or one that the compiler made.
    private static string? FolderOf(IType type, Dictionary<string, string> folders) =>
        type.FullName.StartsWith("ConvoyRedis.", StringComparison.Ordinal) || type.FullName.StartsWith("Microsoft.Extensions.DependencyInjection.ConvoyRedis", StringComparison.Ordinal)
            ? folders.GetValueOrDefault(type.FullName.Split('.')[^1].Split('+', '`', '/')[0]) : null;

    // Public types share one namespace, whatever their folder: a type's file says where it belongs.
    private static Dictionary<string, string> FoldersByType() =>
        Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Type: Path.GetFileNameWithoutExtension(file), Folder: Path.GetRelativePath(Library, Path.GetDirectoryName(file)!).Replace('\\', '/')))
            .Where(file => !file.Folder.StartsWith("obj", StringComparison.Ordinal) && !file.Folder.StartsWith("bin", StringComparison.Ordinal))
            .ToDictionary(file => file.Type, file => file.Folder switch { "." => "", "Configuration/Sources" => "Configuration", var folder => folder });
}
