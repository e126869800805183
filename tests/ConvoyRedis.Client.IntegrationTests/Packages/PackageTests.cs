using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ConvoyRedis.Testing;

namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>A new service that takes in the package.</summary>
[Collection<PackedOnce>]
public sealed class PackageTests(PackedPackages packages) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task NewWebService_AddsThePackageAndOneLine_Works()
    {
        await Dotnet.RunAsync(_directory.FullName, "new", "webapi", "--output", "app", "--name", "App", "--no-openapi", "--no-https");
        var app = Path.Combine(_directory.FullName, "app");
        await File.WriteAllTextAsync(Path.Combine(app, "nuget.config"), packages.Configuration(), Token);
        await Dotnet.RunAsync(app, "add", "package", "ConvoyRedis.Client", "--version", packages.Version);
        var program = Path.Combine(app, "Program.cs");
        var code = await File.ReadAllTextAsync(program, Token);
        code = code.Replace("var app = builder.Build();", "builder.Services.AddConvoyRedis();\nvar app = builder.Build();", StringComparison.Ordinal)
            .Replace("app.Run();",
                "app.MapGet(\"/hits\", (StackExchange.Redis.IConnectionMultiplexer redis) => redis.GetDatabase().StringIncrementAsync(\"hits\"));\napp.Run();",
                StringComparison.Ordinal);
        await File.WriteAllTextAsync(program, code, Token);
        await BuildAsync(app);

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

    [Theory]
    [InlineData("xunit", "<PackageReference Include=\"xunit.v3\" Version=\"4.0.2\" />")]
    [InlineData("NUnit", "<PackageReference Include=\"NUnit\" Version=\"5.0.0\" /><PackageReference Include=\"NUnit3TestAdapter\" Version=\"6.3.1\" />")]
    public async Task UsersTests_AsInTheReadmeOfTesting_Pass(string framework, string references)
    {
        var tests = _directory.CreateSubdirectory("tests").FullName;
        var readme = (await File.ReadAllTextAsync(Path.Combine(packages.Source, "src", "ConvoyRedis.Testing", "README.md"), Token)).ReplaceLineEndings("\n");
        var code = readme.Split($"<!-- {framework} -->\n")[1].Split("```csharp\n")[1].Split("\n```")[0];
        await File.WriteAllTextAsync(Path.Combine(tests, "CounterTests.cs"), code, Token);
        await File.WriteAllTextAsync(Path.Combine(tests, "nuget.config"), packages.Configuration(), Token);
        await File.WriteAllTextAsync(Path.Combine(tests, "Tests.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <EnableNUnitRunner>true</EnableNUnitRunner>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ConvoyRedis.Client" Version="{packages.Version}" />
                <PackageReference Include="ConvoyRedis.Testing" Version="{packages.Version}" />
                {references}
              </ItemGroup>
            </Project>
            """, Token);
        await BuildAsync(tests);

        var printed = await Dotnet.RunAsync(tests, Path.Combine(tests, "built", "Tests.dll"));

        Assert.Matches("(?i)(succeeded|passed): 1|Total: 1, Errors: 0, Failed: 0, Skipped: 0", printed);
    }

    // What analyzers say of the code of users is not what is tested.
    private static Task<string> BuildAsync(string directory) => Dotnet.RunAsync(directory, "build", "--output", "built", "--property:RunAnalyzers=false");

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
