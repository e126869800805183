namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>The clients from npm, which are there when node is, and <c>npm ci</c> has been run in the folder Npm.</summary>
internal static class NpmClients
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Clients", "Npm");

    public static string Script => Path.Combine(Folder, "client.mjs");

    /// <summary>The script of many clients in one process.</summary>
    public static string FleetScript => Path.Combine(Folder, "fleet.mjs");

    /// <summary>The path of node, or null when there is none.</summary>
    public static string? Node { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => new[] { Path.Combine(folder, "node"), Path.Combine(folder, "node.exe") }).FirstOrDefault(File.Exists);

    /// <summary>Why they are left out; null when they are there.</summary>
    public static string? WhyNot => Node is null
        ? "ioredis and node-redis are left out: node is not installed."
        : Directory.Exists(Path.Combine(Folder, "node_modules")) ? null : $"ioredis and node-redis are left out: 'npm ci' was not run in {Folder}.";

    /// <summary>The version of a package from its own package.json.</summary>
    public static string VersionOf(string package)
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "node_modules", package, "package.json")));
        return json.RootElement.GetProperty("version").GetString()!;
    }
}
