// Pictures without a server: two requests at once, which share their batches.
using Inference.Pipelines;

using var generator = ImageGenerator.Open();
string[] prompts = ["a red apple on a blue background", "a sailboat"];
var results = await Task.WhenAll(prompts.Select((prompt, i) => generator.GenerateAsync(new() { Prompt = prompt, Seed = 7 + i, Steps = 12, Sampler = "unipc", Schedule = "focused" })));
foreach (var (prompt, result) in prompts.Zip(results))
{
    var picture = result.Images[0];
    var file = $"{prompt.Split(' ')[^1]}.png";
    await File.WriteAllBytesAsync(file, picture.Encode(ImageEncoding.Png()));
    Console.WriteLine($"{file}: seed {picture.Seed}, {picture.Evaluations} evaluations in {picture.DenoiseTime.TotalMilliseconds:F0} ms, {picture.Met.MeanRows:F1} rows a batch");
}
