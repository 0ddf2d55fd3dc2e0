using System.Globalization;

namespace Inference.Sampling;

/// <summary>Where a form is cut.</summary>
/// <param name="First">Blocks in front of the cut, ≥ 1; of a U-Net the number of skip connections outside the cut, the cut one included, ≥ 1.</param>
/// <param name="Last">Blocks behind the second cut; 0 where there is none.</param>
public readonly record struct NetworkCut(int First, int Last);

/// <summary>A form of a network by which a row can be evaluated; its default is the network as it was exported.</summary>
/// <param name="Form">What kind of form.</param>
/// <param name="Cut">Where it is cut, for the forms that can be cut in several places.</param>
public readonly record struct NetworkVariant(NetworkForm Form, NetworkCut Cut = default)
{
    /// <summary>As it was exported.</summary>
    public static NetworkVariant Full => default;

    public static NetworkVariant TappedModules => new(NetworkForm.TappedModules);

    public static NetworkVariant CachedModules => new(NetworkForm.CachedModules);

    public static NetworkVariant VerifiedModules => new(NetworkForm.VerifiedModules);

    public static NetworkVariant TappedAttention => new(NetworkForm.TappedAttention);

    public static NetworkVariant CachedAttention => new(NetworkForm.CachedAttention);

    public static NetworkVariant TappedStack => new(NetworkForm.TappedStack);

    public static NetworkVariant CachedStack => new(NetworkForm.CachedStack);

    public static NetworkVariant Modulated => new(NetworkForm.Modulated);

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static bool TryParse(string text, out NetworkVariant variant)
    {
        variant = default;
        var parts = text.Split('-');
        if (!Enum.TryParse<NetworkForm>(parts[0], ignoreCase: true, out var form) || !Enum.IsDefined(form))
            return false;
        if (parts.Length == 1)
            variant = new(form);
        else if (parts.Length == 3 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var first) && int.TryParse(parts[2], CultureInfo.InvariantCulture, out var last))
            variant = new(form, new(first, last));
        else
            return false;
        return true;
    }

    /// <summary>The form, and the blocks before and behind its cuts where it has any: <c>Body-2-1</c>.</summary>
    public override string ToString() => Cut == default ? Form.ToString() : string.Create(CultureInfo.InvariantCulture, $"{Form}-{Cut.First}-{Cut.Last}");
}
