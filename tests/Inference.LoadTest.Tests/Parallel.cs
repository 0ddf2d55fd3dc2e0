// Tests here measure real time: they must not disturb each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
