namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>Somebody else's library, at its typical work on a multiplexer that it shares with others.</summary>
internal interface ILibrary : IAsyncDisposable
{
    /// <summary>The calls of the work, which go on until it is stopped.</summary>
    Calls Calls { get; }

    /// <summary>Starts the work.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Ends the work, and reads what became of it.</summary>
    Task StopAsync(Outage outage, CancellationToken cancellationToken);

    /// <summary>Asserts that the library kept its promise.</summary>
    /// <returns>What its users noticed.</returns>
    string Check(Outage outage);
}
