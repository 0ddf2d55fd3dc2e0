namespace Inference.Pipelines;

/// <summary>Loads whichever tokenizer a folder of a model in diffusers layout holds.</summary>
public static class TokenizerFolder
{
    /// <summary>CLIP's byte-level BPE where there is a vocab.json or merges.txt, otherwise T5's Unigram model in tokenizer.json.</summary>
    /// <exception cref="TokenizerException">A file is missing or broken, or the kind is not supported.</exception>
    public static ITokenizer Load(string folder)
    {
        if (TokenizerFile.In(folder, "vocab.json").Exists || TokenizerFile.In(folder, "merges.txt").Exists)
            return ClipTokenizer.Load(folder);
        return TokenizerFile.In(folder, "tokenizer.json").Exists
            ? UnigramTokenizer.Load(folder)
            : throw new TokenizerException(folder, "expected vocab.json and merges.txt (CLIP) or tokenizer.json (T5)");
    }
}
