using FsCheck;

namespace ConvoyRedis.Client.Tests;

/// <summary>Checks properties without a word as long as they hold.</summary>
internal static class Properties
{
    private static readonly Config Quiet = Config.QuickThrowOnFailure.WithQuietOnSuccess(true);

    public static void Holds(this Property property) => Check.One(Quiet, property);

    /// <summary>For what is worth more than the usual hundred tries.</summary>
    public static void Holds(this Property property, int tries) => Check.One(Quiet.WithMaxTest(tries), property);
}
