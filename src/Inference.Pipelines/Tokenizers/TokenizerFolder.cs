namespace Inference.Pipelines;

/// <summary>Loads whichever tokenizer a folder of a model in diffusers layout holds.</summary>
public static class TokenizerFolder
{
    /// <summary>CLIP's byte-level BPE where there is a vocab.json.</summary>
    /// <exception cref="TokenizerException">A file is missing or broken, or the kind is not supported.</exception>
    public static ITokenizer Load(string folder) => ClipTokenizer.Load(folder);
}
