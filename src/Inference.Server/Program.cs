using Inference.Onnx;
using Inference.Server;

const string DefaultUrl = "http://127.0.0.1:8080";

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
    builder.WebHost.UseUrls(DefaultUrl);

// "--models DIR" is short for the setting; unlike it, a relative path starts where the command was given.
if (new ConfigurationBuilder().AddCommandLine(args).Build()["models"] is { Length: > 0 } directory)
    builder.Configuration["Inference:Models:Directory"] = Path.GetFullPath(directory);

try
{
    builder.AddInferenceServer();
}
catch (Exception exception) when (exception is ConfigurationException or ProviderUnavailableException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}

var app = builder.Build();
app.MapInferenceServer();
var models = app.Services.GetRequiredService<ModelHost>();
await app.RunAsync();
return models.HasFailed ? 1 : 0;
