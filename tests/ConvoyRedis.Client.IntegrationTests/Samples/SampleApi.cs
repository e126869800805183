using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace ConvoyRedis.Client.IntegrationTests.Samples;

/// <summary>The sample service in a process of its own, on a free port.</summary>
internal sealed partial class SampleApi : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private SampleApi(Process process, string address) =>
        (_process, _http) = (process, new HttpClient { BaseAddress = new Uri(address) });

    public static async Task<SampleApi> StartAsync(IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ConvoyRedis.Sample.Api.dll")])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
        };
        foreach (var (name, value) in variables.Append(new("ASPNETCORE_URLS", "http://127.0.0.1:0")))
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            if (Listening().Match(line) is { Success: true } listening)
            {
                // Its further lines go nowhere, but must be read.
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new SampleApi(process, listening.Groups[1].Value);
            }
        }

        throw new InvalidOperationException("The sample did not begin to listen.");
    }

    public async Task<string> PostAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>The status with which a POST is answered.</summary>
    public async Task<HttpStatusCode> PostForStatusAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsync(new Uri(path, UriKind.Relative), null, cancellationToken);
        return response.StatusCode;
    }

    public Task<string> GetAsync(string path, CancellationToken cancellationToken) =>
        _http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex Listening();
}
