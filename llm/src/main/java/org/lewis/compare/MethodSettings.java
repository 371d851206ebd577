package org.lewis.compare;

/// What the standard methods are run with.
///
/// @param density    share of each task vector that is kept, where nothing else decides
/// @param gamma      the least density that LEWIS gives a layer
/// @param epsilon    the largest
/// @param lambda     factor of the merged task vector
/// @param samples    calibration rows of each fine-tune
/// @param length     tokens of a calibration sequence, the rest is cut; and of a test that models see at once
/// @param seed       chooses rows, and every random mask
/// @param blockSize  columns that SparseGPT prunes at once
/// @param damping    what SparseGPT adds to the diagonal of its Hessians, as a share of their mean
/// @param sequential whether SparseGPT's Hessians are those of the model merged so far
public record MethodSettings(
        double density,
        double gamma,
        double epsilon,
        double lambda,
        int samples,
        int length,
        long seed,
        int blockSize,
        double damping,
        boolean sequential) {

    /// Those of the papers: DARE and TIES keep 0.2, LEWIS 0.3 to 0.8, SparseGPT calibrates with 128 rows.
    public static final MethodSettings STANDARD = new MethodSettings(0.2, 0.3, 0.8, 1, 128, 512, 42, 128, 0.01, true);

    public MethodSettings {
        require(density > 0 && density <= 1, "a density must be in (0, 1], found " + density);
        require(
                gamma > 0 && gamma <= epsilon && epsilon <= 1,
                "expected 0 < gamma <= epsilon <= 1, found " + gamma + " and " + epsilon);
        require(Double.isFinite(lambda), "lambda must be a number, found " + lambda);
        require(
                samples >= 1 && length >= 1 && blockSize >= 1,
                "samples, length and block size must be at least 1, found " + samples + ", " + length + " and "
                        + blockSize);
        require(damping >= 0 && damping <= 1, "the damping must be in [0, 1], found " + damping);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
