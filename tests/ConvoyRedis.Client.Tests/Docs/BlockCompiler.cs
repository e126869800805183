using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>
/// Compiles a block of a page as a reader would paste it: into the program, or into a class, of an ASP.NET Core service that has this library and the
/// packages that the pages name.
/// </summary>
internal static class BlockCompiler
{
    /// <summary>What a service has around the block: usual usings, and names that the pages use without declaring them.</summary>
    private const string Surroundings = """
        global using System;
        global using System.Collections.Concurrent;
        global using System.Collections.Generic;
        global using System.Diagnostics;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using ConvoyRedis.Client;
        global using ConvoyRedis.Testing;
        global using Medallion.Threading;
        global using Medallion.Threading.Redis;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.DataProtection;
        global using Microsoft.AspNetCore.DataProtection.KeyManagement;
        global using Microsoft.AspNetCore.DataProtection.StackExchangeRedis;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.OutputCaching.StackExchangeRedis;
        global using Microsoft.AspNetCore.SignalR.StackExchangeRedis;
        global using Microsoft.Extensions.Caching.Distributed;
        global using Microsoft.Extensions.Caching.Hybrid;
        global using Microsoft.Extensions.Caching.StackExchangeRedis;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        global using Microsoft.Extensions.Options;
        global using OpenTelemetry.Metrics;
        global using OpenTelemetry.Trace;
        global using Polly;
        global using Polly.Registry;
        global using StackExchange.Redis;
        global using StackExchange.Redis.Availability;
        global using StackExchange.Redis.Profiling;
        global using static Surroundings;

        static class Surroundings
        {
            public static string[] args => [];
            public static WebApplicationBuilder builder => null!;
            public static WebApplication app => null!;
            public static IServiceCollection services => null!;
            public static IServiceProvider provider => null!;
            public static IConvoyRedisConnection connection => null!;
            public static IConnectionMultiplexer multiplexer => null!;
            public static IConnectionMultiplexer redis => null!;
            public static IDatabase database => null!;
            public static ConvoyRedisOptions options => null!;
            public static ILogger logger => null!;
            public static RedisKey key => default;
            public static RedisValue value => default;
            public static CancellationToken cancellationToken => default;
        }

        sealed class MyTokens : IConvoyRedisCredentialProvider
        {
            public ValueTask<ConvoyRedisCredential> GetCredentialAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
        }
        """;

    // "=> …" stands for a body that does not matter.
    private const string LeftOut = "=> …";

    private static readonly CSharpParseOptions Language = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);

    private static readonly CSharpCompilationOptions Compilation = new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
        .WithSpecificDiagnosticOptions([new("SER007", ReportDiagnostic.Suppress)]);

    private static readonly SyntaxTree Around = CSharpSyntaxTree.ParseText(Surroundings, Language);

    private static readonly IReadOnlyList<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The errors of the block as a program; those of it as the members of a class do not matter where it is one, and the other way round.</summary>
    public static IReadOnlyList<string> Errors(string block)
    {
        var code = block.Replace(LeftOut, "=> { }", StringComparison.Ordinal);
        var errors = ErrorsOf(code);
        return errors.Count == 0 || ErrorsOf($"sealed class Block\n{{\n{code}\n}}").Count == 0 ? [] : errors;
    }

    private static List<string> ErrorsOf(string code)
    {
        var tree = CSharpSyntaxTree.ParseText(code, Language);
        var isProgram = tree.GetCompilationUnitRoot().Members.OfType<GlobalStatementSyntax>().Any();
        var kind = isProgram ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        return
        [
            .. CSharpCompilation.Create("Block", [Around, tree], References, Compilation.WithOutputKind(kind)).GetDiagnostics()
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Select(diagnostic => diagnostic.ToString()),
        ];
    }
}
