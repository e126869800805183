namespace ConvoyRedis.Client.IntegrationTests.Libraries;

/// <summary>A grain that counts, and stores each number before it gives it.</summary>
internal interface ICountingGrain : IGrainWithStringKey
{
    Task<int> CountAsync();

    Task<int> ReadAsync();

    /// <summary>The present activation.</summary>
    Task<Guid> GetActivationAsync();

    /// <summary>Ends the present activation.</summary>
    Task DeactivateAsync();
}

/// <summary>What the grain stores.</summary>
[GenerateSerializer]
internal sealed class Count
{
    [Id(0)]
    public int Number { get; set; }
}

/// <inheritdoc cref="ICountingGrain" />
internal sealed class CountingGrain([PersistentState("count")] IPersistentState<Count> state) : Grain, ICountingGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    public async Task<int> CountAsync()
    {
        state.State.Number++;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Whether it was stored is not known: the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        return state.State.Number;
    }

    public Task<int> ReadAsync() => Task.FromResult(state.State.Number);

    public Task<Guid> GetActivationAsync() => Task.FromResult(_activation);

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
