namespace ConvoyRedis.Tool.CommandLine;

/// <summary>A file that was asked for cannot be written.</summary>
/// <param name="path">The file.</param>
/// <param name="reason">Why.</param>
internal sealed class OutputFileException(string path, Exception reason) : Exception($"{path} cannot be written: {reason.Message}", reason);
