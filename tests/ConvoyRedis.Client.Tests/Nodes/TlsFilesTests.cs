using ConvoyRedis.Client.Nodes;

namespace ConvoyRedis.Client.Tests.Nodes;

public sealed class TlsFilesTests
{
    [Fact]
    public void Digest_OtherContentsUnderTheSameName_IsAnother()
    {
        using var directory = new TemporaryDirectory();
        var path = directory.Write("ca.pem", "one");
        var target = new ConvoyRedisOptions { TlsCaCertFile = path }.Resolve();
        var before = TlsFiles.Digest(target);
        Assert.Equal(before, TlsFiles.TryDigest(target));

        directory.Write("ca.pem", "two");

        Assert.NotEqual(before, TlsFiles.Digest(target));
        Assert.DoesNotContain("two", TlsFiles.Digest(target), StringComparison.Ordinal);
    }

    [Fact]
    public void TryDigest_MissingFile_IsNull()
    {
        using var directory = new TemporaryDirectory();

        Assert.Null(TlsFiles.TryDigest(new ConvoyRedisOptions { TlsCaCertFile = Path.Combine(directory.Path, "none.pem") }.Resolve()));
    }

    [Fact]
    public void Digest_EachFile_Counts()
    {
        using var directory = new TemporaryDirectory();
        var options = new ConvoyRedisOptions
        {
            TlsCaCertFile = directory.Write("ca.pem", "ca"),
            TlsCertFile = directory.Write("cert.pem", "cert"),
            TlsKeyFile = directory.Write("key.pem", "key"),
        };
        var digests = new HashSet<string> { TlsFiles.Digest(options.Resolve()) };

        foreach (var name in (string[])["ca.pem", "cert.pem", "key.pem"])
        {
            directory.Write(name, "other");
            Assert.True(digests.Add(TlsFiles.Digest(options.Resolve())), $"{name} does not count.");
        }
    }
}
