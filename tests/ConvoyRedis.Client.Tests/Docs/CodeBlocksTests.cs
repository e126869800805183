using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>What the pages show can be copied: C# compiles, JSON and YAML parse, and variables are settings.</summary>
public sealed partial class CodeBlocksTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static TheoryData<string> CSharp => [.. CodeBlock.In("csharp").Where(block => !block.IsFragment).Select(block => block.Place)];

    [Theory]
    [MemberData(nameof(CSharp))]
    public void CSharp_OfAPage_Compiles(string place)
    {
        var errors = BlockCompiler.Errors(CodeBlock.All.Single(block => block.Place == place).Text);

        Assert.True(errors.Count == 0, $"{place}: {string.Join('\n', errors)}");
    }

    [Theory]
    [InlineData("builder.Services.AddConvoyRedis(options => options.Hots = \"localhost\");")]
    [InlineData("var database = await connection.GetMultiplexerAsync();\ndatabase.StringGetAsync(\"key\");")]
    [InlineData("class Service { int Count => \"one\"; }")]
    [InlineData("services.AddConvoyRedis(")]
    public void Errors_OfWrongCode_AreFound(string code) => Assert.NotEmpty(BlockCompiler.Errors(code));

    [Fact]
    public void Json_OfThePages_Parses()
    {
        var blocks = CodeBlock.In("json").Where(block => !block.IsFragment).ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => JsonDocument.Parse(block.Text, Lenient).Dispose());
    }

    [Fact]
    public void Yaml_OfThePages_Parses()
    {
        var blocks = CodeBlock.In("yaml").Where(block => !block.IsFragment).ToList();

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => new YamlStream().Load(new StringReader(block.Text)));
    }

    [Fact]
    public void Variables_OfShellAndYaml_AreSettings()
    {
        var known = Settings.All.SelectMany(setting => new[] { setting.Variable, setting.VariableAlias, setting.FileVariable }).ToHashSet();
        var named = CodeBlock.All.Where(block => block.Language is "bash" or "sh" or "yaml")
            .SelectMany(block => Variable().Matches(block.Text), (block, match) => (block.Place, match.Value)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, use => Assert.True(known.Contains(use.Value), $"{use.Place}: {use.Value} is not a setting."));
    }

    [GeneratedRegex("CONVOY_REDIS_[A-Z_]*[A-Z]")]
    private static partial Regex Variable();
}
