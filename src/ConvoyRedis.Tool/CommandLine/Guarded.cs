using ConvoyRedis.Client;
using ConvoyRedis.Testing;
using Microsoft.Extensions.Options;

namespace ConvoyRedis.Tool.CommandLine;

/// <summary>Runs a command; what can go wrong becomes a message on standard error and an exit code.</summary>
internal static class Guarded
{
    public static async Task<int> RunAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (OptionsValidationException problems)
        {
            return SettingsInput.Report(problems.Failures);
        }
        catch (OutputFileException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return ExitCode.WrongInput;
        }
        catch (Exception exception)
            when (exception is ConvoyRedisConnectionException or IOException or TimeoutException or RedisNotInstalledException or RedisStartException)
        {
            Console.Error.WriteLine(exception.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }
}
