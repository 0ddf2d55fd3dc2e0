using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Inference.EndToEnd.Tests;

/// <summary>The real server as a process of its own, on a free port of this machine.</summary>
public sealed partial class ServerProcess : IAsyncLifetime
{
    private const string Server = "Inference.Server.dll";
    private const int Sigterm = 15;
    private readonly string _program;
    private readonly string[] _arguments;
    private readonly int? _fileKilobytes;
    private readonly SemaphoreSlim _answered = new(0);
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    public ServerProcess()
        : this(Server, [])
    {
    }

    private ServerProcess(string program, string[] arguments, int? fileKilobytes = null) => (_program, _arguments, _fileKilobytes) = (program, arguments, fileKilobytes);

    /// <summary>A server with command-line arguments, not started yet.</summary>
    public static ServerProcess With(params string[] arguments) => new(Server, arguments);

    /// <summary>Another program of this folder that hosts the server, not started yet.</summary>
    public static ServerProcess Of(string program, params string[] arguments) => new(program, arguments);

    /// <summary>The same server on a device that breaks when it is told to (<see cref="TellAsync"/>), not started yet.</summary>
    public static ServerProcess WithFaults(params string[] arguments) => new("Inference.FaultHost.dll", arguments);

    /// <summary>A server whose files cannot become larger than so much, as if the disk were full; not started yet.</summary>
    public static ServerProcess WithFullDisk(int fileKilobytes, params string[] arguments) => new(Server, arguments, fileKilobytes);

    /// <summary>A client whose base address is the server.</summary>
    public HttpClient Client { get; } = new() { Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Environment variables of the process besides the ones of this one.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Bytes of the process's working set.</summary>
    public long WorkingSet
    {
        get
        {
            _process!.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What the process wrote so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts the process and waits until it is ready.</summary>
    public async Task InitializeAsync()
    {
        Start();
        Client.BaseAddress = await _address.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var deadline = Stopwatch.StartNew();
        while (!(await Client.GetAsync("/health/ready")).IsSuccessStatusCode)
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), Output);
            await Task.Delay(50);
        }
    }

    /// <summary>Starts a process that is expected to end by itself.</summary>
    public async Task<int> RunToEndAsync()
    {
        Start();
        await _process!.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        return _process.ExitCode;
    }

    /// <summary>Ends the process at once, as kill -9 does.</summary>
    public Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        return _process.WaitForExitAsync();
    }

    /// <summary>Gives the process a command on standard input and waits until it has carried it out.</summary>
    /// <returns>Its answer.</returns>
    public async Task<string> TellAsync(string command)
    {
        await _process!.StandardInput.WriteLineAsync(command);
        await _process.StandardInput.FlushAsync();
        Assert.True(await _answered.WaitAsync(TimeSpan.FromSeconds(30)), Output);
        return Output.Split('\n').Last(line => line.StartsWith("done: ", StringComparison.Ordinal)).Trim()["done: ".Length..];
    }

    /// <summary>Sends SIGTERM.</summary>
    public void Terminate() => Assert.Equal(0, Kill(_process!.Id, Sigterm));

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        try
        {
            await _process!.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The process still runs.\n{Output}");
        }
        return _process.ExitCode;
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Start()
    {
        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, _program), "--urls", "http://127.0.0.1:0", .. _arguments];
        // Writing beyond the limit is an error like a full disk's once the signal for it is ignored. The runtime keeps code in large unnamed files unless told not to.
        if (_fileKilobytes is { } limit)
            command = ["bash", "-c", $"trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f {limit}; exec \"$@\"", "bash", .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Add(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (line.StartsWith("done: ", StringComparison.Ordinal))
            _answered.Release();
        if (ListeningOn().Match(line) is { Success: true } match)
            _address.TrySetResult(new(match.Groups[1].Value));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [GeneratedRegex(@"Now listening on: (http://\S+)")]
    private static partial Regex ListeningOn();
}
