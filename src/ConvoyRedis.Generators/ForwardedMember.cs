using Microsoft.CodeAnalysis;

namespace ConvoyRedis.Generators;

/// <summary>Implements one member of an interface: explicitly, by a call of the same member of <c>Inner</c>.</summary>
internal static class ForwardedMember
{
    private const string Indent = "    ";
    private const string Flags = "StackExchange.Redis.CommandFlags";
    private const string Async = "Async";

    private static readonly SymbolDisplayFormat TypeFormat =
        SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    // Without default values: callers go by those of the interface.
    private static readonly SymbolDisplayFormat ParameterFormat = TypeFormat.WithParameterOptions(
        SymbolDisplayParameterOptions.IncludeModifiers | SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName);

    private static readonly SymbolDisplayFormat NameFormat = TypeFormat.WithParameterOptions(SymbolDisplayParameterOptions.IncludeName);

    /// <summary>The name of a method without the suffix Async.</summary>
    public static string CommandOf(IMethodSymbol method) =>
        method.Name.EndsWith(Async, StringComparison.Ordinal) ? method.Name.Substring(0, method.Name.Length - Async.Length) : method.Name;

    /// <summary>The attribute that lets a member call an obsolete one, if the member is obsolete.</summary>
    public static string ObsoleteLine(ISymbol member) =>
        member.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == nameof(ObsoleteAttribute)) ? $"{Indent}[global::System.Obsolete]\n" : "";

    /// <summary>A property.</summary>
    public static string Property(IPropertySymbol property)
    {
        var getter = property.GetMethod is null ? "" : $"get => {Inner(property)}.{property.Name}; ";
        var setter = property.SetMethod is null ? "" : $"set => {Inner(property)}.{property.Name} = value; ";
        return $"{Indent}{Shown(property.Type)} {Shown(property.ContainingType)}.{property.Name} {{ {getter}{setter}}}";
    }

    /// <summary>An event.</summary>
    public static string Event(IEventSymbol happening)
    {
        var inner = $"{Inner(happening)}.{happening.Name}";
        return $"{Indent}event {Shown(happening.Type)} {Shown(happening.ContainingType)}.{happening.Name} {{ add => {inner} += value; remove => {inner} -= value; }}";
    }

    /// <summary>A method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="isRead">Whether it only reads.</param>
    public static string Method(IMethodSymbol method, bool isRead)
    {
        var name = method.IsGenericMethod ? $"{method.Name}<{string.Join(", ", method.TypeParameters.Select(type => type.Name))}>" : method.Name;
        var parameters = string.Join(", ", method.Parameters.Select(parameter => parameter.ToDisplayString(ParameterFormat)));
        var arguments = string.Join(", ", method.Parameters.Select(parameter => Argument(parameter, isRead)));
        return $"{Indent}{Shown(method.ReturnType)} {Shown(method.ContainingType)}.{name}({parameters}) =>\n{Indent}{Indent}{Inner(method)}.{name}({arguments});";
    }

    private static string Argument(IParameterSymbol parameter, bool isRead)
    {
        var name = parameter.ToDisplayString(NameFormat);
        if (parameter.Type.ToDisplayString() == Flags)
            return $"Routing.{(isRead ? "Read" : "Other")}({name})";

        return parameter.RefKind switch
        {
            RefKind.Ref => $"ref {name}",
            RefKind.Out => $"out {name}",
            RefKind.In or RefKind.RefReadOnlyParameter => $"in {name}",
            _ => name,
        };
    }

    // As the interface that declares the member: others may hide it, or have overloads that fit as well.
    private static string Inner(ISymbol member) => $"(({Shown(member.ContainingType)})Inner)";

    private static string Shown(ITypeSymbol type) => type.ToDisplayString(TypeFormat);
}
