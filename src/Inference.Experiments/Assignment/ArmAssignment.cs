using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Inference.Experiments;

/// <summary>
/// Who gets which arm: a hash of experiment and key picks a point of [0, 1), on which the arms lie end to end by their weights. Nothing is remembered, so a
/// key keeps its arm over restarts and on every server; the experiment is in the hash, so that experiments do not share their assignments (Kohavi et al.
/// 2009, "Controlled experiments on the web", Data Mining and Knowledge Discovery 18, section 4.1.2).
/// </summary>
public static class ArmAssignment
{
    /// <summary>Index of the key's arm.</summary>
    public static int Of(string experiment, string key, IReadOnlyList<Arm> arms)
    {
        var at = Point(experiment, "arm", key) * arms.Sum(arm => arm.Weight);
        for (var i = 0; i < arms.Count - 1; i++)
        {
            if (at < arms[i].Weight)
                return i;
            at -= arms[i].Weight;
        }
        return arms.Count - 1;
    }

    /// <summary>Whether the key is in a share of all keys.</summary>
    /// <param name="experiment">Id of the experiment.</param>
    /// <param name="purpose">What the share is of: choices for different purposes are independent.</param>
    /// <param name="key">The key.</param>
    /// <param name="share">0 for none to 1 for all.</param>
    public static bool IsIn(string experiment, string purpose, string key, double share) => Point(experiment, purpose, key) < share;

    /// <summary>The key as a number that does not tell it.</summary>
    public static long UnitOf(string experiment, string key) => BinaryPrimitives.ReadInt64LittleEndian(Hash(experiment, "unit", key));

    // 53 bits, as many as a double has.
    private static double Point(string experiment, string purpose, string key) => (BinaryPrimitives.ReadUInt64LittleEndian(Hash(experiment, purpose, key)) >> 11) * (1.0 / (1UL << 53));

    private static byte[] Hash(string experiment, string purpose, string key) => SHA256.HashData(Encoding.UTF8.GetBytes($"{experiment}\n{purpose}\n{key}"));
}
