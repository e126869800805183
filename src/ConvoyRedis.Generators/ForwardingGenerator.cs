using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ConvoyRedis.Generators;

/// <summary>
/// Completes a wrapper: implements the members of its interfaces that the class does not implement itself. Each calls the same member of the
/// property <c>Inner</c>. StackExchange.Redis has more than 700 such members, and every version adds some.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class ForwardingGenerator : IIncrementalGenerator
{
    private const string Attribute = "ConvoyRedis.Client.Replicas.ForwardsAttribute";

    /// <summary>Looks for the classes that have the attribute.</summary>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var files = context.SyntaxProvider.ForAttributeWithMetadataName(
            Attribute,
            static (node, _) => node is ClassDeclarationSyntax,
            static (found, _) => FileOf((INamedTypeSymbol)found.TargetSymbol, found.Attributes[0]));

        context.RegisterSourceOutput(files, static (output, file) => output.AddSource(file.Name, file.Text));
    }

    private static (string Name, string Text) FileOf(INamedTypeSymbol type, AttributeData attribute)
    {
        var reads = ((string)attribute.ConstructorArguments[0].Value!).Split(['\r', '\n', ' '], StringSplitOptions.RemoveEmptyEntries);

        return ($"{type.Name}.g.cs", new ForwardedClass(type, reads).ToString());
    }
}
