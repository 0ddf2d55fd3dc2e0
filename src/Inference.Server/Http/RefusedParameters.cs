namespace Inference.Server;

/// <summary>Parameters that clients know from elsewhere and that are refused with the reason rather than as unknown.</summary>
internal static class RefusedParameters
{
    /// <summary>The error for such a parameter; null for any other.</summary>
    public static HttpError? Error(string? name) => name switch
    {
        "mask" => HttpError.Invalid("'mask' cannot be served: masks (inpainting) are not supported; 'strength' says how much of the whole picture is new.", name, "unsupported_parameter"),
        "lora" or "loras" or "lora_scale" => HttpError.Invalid($"'{name}' cannot be served: LoRA adapters are not supported; merge them into the model before it is exported.", name, "unsupported_parameter"),
        _ => null,
    };
}
