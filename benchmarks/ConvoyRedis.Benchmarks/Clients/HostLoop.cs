namespace ConvoyRedis.Benchmarks.Clients;

/// <summary>What every process of clients does: it reads a line each, and does what that says.</summary>
internal static class HostLoop
{
    /// <param name="create">Makes what carries out each line, from where its answers go.</param>
    public static async Task RunAsync(Func<TextWriter, Func<string, Task>> create)
    {
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });

        // Some clients write to the console, and some block threads.
        Console.SetOut(TextWriter.Null);
        ThreadPool.SetMinThreads(32, 32);
        var act = create(output);
        while (await Console.In.ReadLineAsync() is { } line)
            await act(line);
    }
}
