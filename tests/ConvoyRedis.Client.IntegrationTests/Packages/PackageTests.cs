using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>The packages as <c>dotnet pack</c> makes them, and a new service that takes one in.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");
    private readonly string _version = $"0.0.1-test.{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Packed => Path.Combine(_directory.FullName, "packed");

    public void Dispose()
    {
        _directory.Delete(recursive: true);

        // NuGet keeps every version that was ever restored.
        var kept = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var ours = new DirectoryInfo(Path.Combine(kept, "convoyredis.client", _version));
        if (ours.Exists)
            ours.Delete(recursive: true);
    }

    [Fact]
    public async Task NewWebService_AddsThePackageAndOneLine_Works()
    {
        await PackAsync();
        AssertContents("ConvoyRedis.Client", "lib/net10.0/ConvoyRedis.Client.dll", "lib/net10.0/ConvoyRedis.Client.xml");
        AssertContents("ConvoyRedis.Testing", "lib/net10.0/ConvoyRedis.Testing.dll", "lib/net10.0/ConvoyRedis.Testing.xml");
        AssertContents("ConvoyRedis.Tool", "tools/net10.0/any/convoy-redis.dll", "tools/net10.0/any/DotnetToolSettings.xml");

        await Dotnet.RunAsync(_directory.FullName, "new", "webapi", "--output", "app", "--name", "App", "--no-openapi", "--no-https");
        var app = Path.Combine(_directory.FullName, "app");
        await File.WriteAllTextAsync(Path.Combine(app, "nuget.config"),
            $"<configuration><packageSources><add key=\"packed\" value=\"{Packed}\" /></packageSources></configuration>", Token);
        await Dotnet.RunAsync(app, "add", "package", "ConvoyRedis.Client", "--version", _version);
        var program = Path.Combine(app, "Program.cs");
        var code = await File.ReadAllTextAsync(program, Token);
        code = code.Replace("var app = builder.Build();", "builder.Services.AddConvoyRedis();\nvar app = builder.Build();", StringComparison.Ordinal)
            .Replace("app.Run();",
                "app.MapGet(\"/hits\", (StackExchange.Redis.IConnectionMultiplexer redis) => redis.GetDatabase().StringIncrementAsync(\"hits\"));\napp.Run();",
                StringComparison.Ordinal);
        await File.WriteAllTextAsync(program, code, Token);
        await Dotnet.RunAsync(app, "build", "--output", "built");

        await using var topology = await SentinelTopology.StartAsync(cancellationToken: Token);
        var address = $"http://127.0.0.1:{FreePort()}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(app, "built", "App.dll")]) { WorkingDirectory = app, RedirectStandardOutput = true };
        foreach (var (name, value) in topology.EnvironmentVariables.Append(new("ASPNETCORE_URLS", address)))
            start.Environment[name] = value;
        using var service = Process.Start(start)!;
        try
        {
            _ = service.StandardOutput.ReadToEndAsync(CancellationToken.None);
            using var http = new HttpClient();
            await Eventually.TrueAsync(async () => await AnswersAsync(http, $"{address}/hits"), Token);
            Assert.Equal("2", await http.GetStringAsync(new Uri($"{address}/hits"), Token));
        }
        finally
        {
            service.Kill();
            await service.WaitForExitAsync(CancellationToken.None);
        }

        Assert.Equal("2", (await (await topology.GetMasterAsync(Token)).ExecuteAsync("GET", "hits")).Text);
    }

    // Of what was built for this test: …/bin/Release/net10.0/.
    private async Task PackAsync() => await Dotnet.RunAsync(Dotnet.Root, "pack", "--no-build", "--configuration", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name,
        "--output", Packed, $"--property:Version={_version}");

    private void AssertContents(string package, params string[] files)
    {
        Assert.True(File.Exists(Path.Combine(Packed, $"{package}.{_version}.snupkg")), "It has no symbols.");
        using var zip = ZipFile.OpenRead(Path.Combine(Packed, $"{package}.{_version}.nupkg"));
        var names = zip.Entries.Select(entry => entry.FullName).ToList();
        Assert.All([.. files, "README.md", "icon.png"], file => Assert.Contains(file, names));
        using var reader = new StreamReader(zip.GetEntry($"{package}.nuspec")!.Open());
        var nuspec = reader.ReadToEnd();
        Assert.All((string[])["<license type=\"expression\">MIT</license>", "<readme>README.md</readme>", "<icon>icon.png</icon>", "<repository type=\"git\"", "commit=\""],
            part => Assert.Contains(part, nuspec, StringComparison.Ordinal));
    }

    private static async Task<bool> AnswersAsync(HttpClient http, string address)
    {
        try
        {
            return await http.GetStringAsync(new Uri(address), Token) == "1";
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
