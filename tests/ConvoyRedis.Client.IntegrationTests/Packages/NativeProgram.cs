namespace ConvoyRedis.Client.IntegrationTests.Packages;

/// <summary>
/// A program with the library, which was built with the tests, compiled to native code: before the test, whose limit of time is for what may hang, and not for a
/// compiler on a busy machine. Compiled each time, so that each run sees the warnings.
/// </summary>
public sealed class NativeProgram : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("convoy-redis-tests-");

    public string Folder => _directory.FullName;

    public string File => Path.Combine(Folder, "ConvoyRedis.Client.Aot");

    /// <summary>What the compiler said.</summary>
    public string Printed { get; private set; } = "";

    public async ValueTask InitializeAsync() =>
        Printed = await Dotnet.RunAsync(
            Path.Combine(Dotnet.Root, "tests", "ConvoyRedis.Client.Aot"), "publish", "--no-build", "--configuration", Dotnet.Configuration, "--output", Folder,
            $"--property:NativeIntermediateOutputPath={Folder}/obj/");

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return default;
    }
}
