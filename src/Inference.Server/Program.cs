using Inference.Server;

return await ServerProgram.RunAsync(args);
