namespace Inference.Pipelines;

/// <summary>Checks what a request says to the model: prompts, or labels.</summary>
internal static class PromptChecks
{
    public static void Check(GenerationRequest request, string model, PipelineParts parts, GenerationLimits limits, List<RequestProblem> problems)
    {
        var rules = parts.Prompts;
        CheckLength("prompt", request.Prompt, limits, problems);
        CheckLength("negative_prompt", request.NegativePrompt ?? "", limits, problems);
        if (rules.Classes > 0)
            CheckLabels(request, model, rules.Classes, problems);
        else if (!request.ClassLabels.IsEmpty)
            problems.Add(new("class_label", $"Model '{model}' takes a prompt, not a class."));
        if (request.NegativePrompt is not null && rules.NoNegativePrompt is { } reason)
            problems.Add(new("negative_prompt", $"Model '{model}' takes no negative prompt: {reason}"));
    }

    private static void CheckLabels(GenerationRequest request, string model, int classes, List<RequestProblem> problems)
    {
        if (request.Prompt.Length > 0)
            problems.Add(new("prompt", $"Model '{model}' takes a class instead of a prompt: 'class_label' from 0 to {classes - 1}."));
        if (request.ClassLabels.IsEmpty)
            problems.Add(new("class_label", $"Model '{model}' needs 'class_label', from 0 to {classes - 1}."));
        else if (request.ClassLabels.Length != 1 && request.ClassLabels.Length != request.Count)
            problems.Add(new("class_label", $"'class_label' must be one class, or one for each of the {request.Count} pictures."));
        foreach (var label in request.ClassLabels)
            if (label < 0 || label >= classes)
                problems.Add(new("class_label", $"'class_label' must be from 0 to {classes - 1}, not {label}."));
    }

    private static void CheckLength(string parameter, string prompt, GenerationLimits limits, List<RequestProblem> problems)
    {
        if (prompt.Length > limits.MaxPromptLength)
            problems.Add(new(parameter, $"'{parameter}' must have at most {limits.MaxPromptLength} characters, not {prompt.Length}."));
    }
}
