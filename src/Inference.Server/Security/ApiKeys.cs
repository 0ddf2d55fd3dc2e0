using System.Security.Cryptography;
using System.Text;

namespace Inference.Server;

/// <summary>The keys that are known. Only their hashes are kept.</summary>
internal sealed class ApiKeys
{
    private readonly (string Name, byte[] Hash)[] _keys;

    public ApiKeys(IEnumerable<KeyValuePair<string, string>> secrets) => _keys = [.. secrets.Select(secret => (secret.Key, Hash(secret.Value)))];

    /// <summary>Whether requests need one.</summary>
    public bool AreNeeded => _keys.Length > 0;

    /// <summary>
    /// The holder of a key, or null. How long it takes says nothing about the keys: hashes of one length are compared in constant time, each with all.
    /// </summary>
    public string? HolderOf(string key)
    {
        var hash = Hash(key);
        string? holder = null;
        foreach (var (name, known) in _keys)
            if (CryptographicOperations.FixedTimeEquals(hash, known))
                holder = name;
        return holder;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
