package org.lewis.merge;

import java.util.List;
import org.lewis.kernel.Arithmetic;

/// Which entries of a task vector stay, and what they are multiplied by.
@FunctionalInterface
interface Sparsity {

    Sparsity NONE = (values, from, count) -> {};

    /// @param values `count` entries of the task vector from position `from` on, changed in place
    void apply(float[] values, long from, int count);

    default Sparsity scaled(double factor) {
        float scale = (float) factor;
        return (values, from, count) -> {
            apply(values, from, count);
            Arithmetic.scale(values, scale, count);
        };
    }

    /// The same with what stays multiplied so that the task vector keeps its sum of magnitudes.
    default Sparsity rescaled(TaskVector vector, Crew crew) {
        return scaled(lostMagnitude(vector, this, crew));
    }

    /// mergekit's rescaling: the L1 norm before over the L1 norm after, 1 when nothing is left.
    static double lostMagnitude(TaskVector vector, Sparsity sparsity, Crew crew) {
        record Sums(double before, double after) {}
        List<Sums> chunks = crew.mapChunks(vector.elements(), (from, to) -> {
            double[] sums = new double[2];
            vector.eachTile(from, to, (values, at, count) -> {
                sums[0] += Arithmetic.sumOfMagnitudes(values, count);
                sparsity.apply(values, at, count);
                sums[1] += Arithmetic.sumOfMagnitudes(values, count);
            });
            return new Sums(sums[0], sums[1]);
        });
        double before = 0;
        double after = 0;
        for (Sums sums : chunks) {
            before += sums.before();
            after += sums.after();
        }
        return after == 0 ? 1 : before / after;
    }
}
