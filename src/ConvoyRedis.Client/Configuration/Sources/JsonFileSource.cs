using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace ConvoyRedis.Client.Configuration.Sources;

/// <summary>Reads the <c>redis</c> section of convoy.json; comments and trailing commas are accepted.</summary>
internal static class JsonFileSource
{
    private const string Section = "redis";

    public static void Read(SettingValues values, string path, bool isRequired)
    {
        IConfiguration configuration;
        try
        {
            using var file = File.OpenRead(path);
            configuration = new ConfigurationBuilder().AddJsonStream(file).Build();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            if (isRequired)
                values.AddProblem($"{path} does not exist.");
            return;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            values.AddProblem(Explain(path, exception));
            return;
        }

        SectionSource.Read(values, configuration.GetSection(Section), key => $"{key} in {path}", SectionSource.ConvoyKey);
    }

    // The parser's own words may quote the text around the error, which may be a password.
    private static string Explain(string path, Exception exception) => (exception as JsonException ?? exception.InnerException) switch
    {
        JsonException { LineNumber: { } line, BytePositionInLine: { } column } =>
            $"{path} is not valid JSON: line {line + 1}, column {column + 1}.",
        _ => exception is FormatException
            ? $"{path} is not a JSON object, or contains a key twice."
            : $"{path} cannot be read: {(exception is UnauthorizedAccessException ? "access is denied." : exception.Message)}",
    };
}
