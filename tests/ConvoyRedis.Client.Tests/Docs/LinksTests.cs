namespace ConvoyRedis.Client.Tests.Docs;

/// <summary>Every link within the repository leads to a file, and to a heading in it; so the tests that docs/comparison.md and docs/guarantees.md name exist.</summary>
public sealed class LinksTests
{
    public static TheoryData<string> Pages => [.. MarkdownPage.All.Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadSomewhere(string name)
    {
        var page = MarkdownPage.All.Single(page => page.Name == name);

        Assert.Empty(page.Links.Select(page.ProblemOf).OfType<string>());
    }

    [Theory]
    [InlineData("docs/comparison.md", 20)]
    [InlineData("docs/guarantees.md", 10)]
    public void Claims_OfAPage_NameTheirTests(string name, int atLeast)
    {
        var tests = MarkdownPage.All.Single(page => page.Name == name).Links.Where(link => link.StartsWith("../tests/", StringComparison.Ordinal)).ToList();

        Assert.True(tests.Count >= atLeast, $"{tests.Count}");
        Assert.All(tests, test => Assert.EndsWith("Tests.cs", test, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[a](missing.md)", "there is no such file")]
    [InlineData("[a](../tests/Missing.cs)", "there is no such file")]
    [InlineData("![a](images/missing.svg)", "there is no such file")]
    [InlineData("""<img alt="a" src="images/missing.svg">""", "there is no such file")]
    [InlineData("""<source media="(max-width: 600px)" srcset="images/missing.svg">""", "there is no such file")]
    [InlineData("[a](#missing)", "there is no such heading")]
    [InlineData("[a](architecture.md#missing)", "there is no such heading")]
    public void ProblemOf_LinkToNothing_IsFound(string line, string problem)
    {
        var page = new MarkdownPage("docs/faq.md", [line]);

        Assert.Contains(problem, page.ProblemOf(Assert.Single(page.Links)), StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_OfHeadings_AreGitHubs()
    {
        var page = new MarkdownPage("docs/faq.md", ["# What `a_b` costs, and why", "## Twice", "```", "# no heading", "```", "## Twice", "## A [link](x.md)"]);

        Assert.Equal(["what-a_b-costs-and-why", "twice", "twice-1", "a-link"], page.Anchors);
        Assert.Equal(["x.md"], page.Links);
    }
}
