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
        "", "Replicas", "Configuration", "Failover", "Diagnostics", "Resilience", "Nodes", "Maintenance", "Sentinel", "Cluster", "Tunnel/Handover", "Tunnel",
        "Reload", "Connection", "Health", "DependencyInjection",
    ];

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
    private static Dictionary<string, string> FoldersByType() => SourceTree.Files.ToDictionary(
        file => Path.GetFileNameWithoutExtension(file),
        file => SourceTree.FolderOf(file) is var folder && folder.StartsWith("Configuration/", StringComparison.Ordinal) ? "Configuration" : folder);
}
