namespace Inference.Fuzz;

/// <summary>Changes that know nothing of what the bytes mean.</summary>
internal static class Bytes
{
    public static byte[] Change(Random random, byte[] bytes)
    {
        var changed = bytes.ToList();
        for (var changes = random.Next(1, 6); changes > 0 && changed.Count > 0; changes--)
        {
            var at = random.Next(changed.Count);
            switch (random.Next(5))
            {
                case 0:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 2:
                    changed.Insert(at, (byte)random.Next(256));
                    break;
                case 3:
                    changed.RemoveRange(at, Math.Min(changed.Count - at, random.Next(1, 16)));
                    break;
                default:
                    changed.InsertRange(at, changed.Skip(random.Next(changed.Count)).Take(random.Next(1, 32)).ToArray());
                    break;
            }
        }
        return [.. changed];
    }
}
