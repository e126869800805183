using FsCheck;

namespace ConvoyRedis.Client.Tests;

/// <summary>Checks properties without a word as long as they hold.</summary>
internal static class Properties
{
    private static readonly Config Quiet = Config.QuickThrowOnFailure.WithQuietOnSuccess(true);

    public static void Holds(this Property property) => Check.One(Quiet, property);
}
