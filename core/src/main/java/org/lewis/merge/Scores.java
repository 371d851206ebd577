package org.lewis.merge;

import java.util.Arrays;
import java.util.List;

/// Numbers computed from the models, one per element, in the shape of a task vector so that a [Selection] can rank
/// them.
record Scores(Inputs inputs, Formula formula, ThreadLocal<float[][]> arrays) implements Inputs {

    interface Formula {
        /// @param deltas `count` elements of each model from position `from` on: less the base, where there is one
        void score(float[][] deltas, long from, int count, float[] target);
    }

    static TaskVector vector(Inputs inputs, Formula formula) {
        // One array more for the base.
        ThreadLocal<float[][]> arrays = ThreadLocal.withInitial(() -> new float[inputs.models() + 1][Tile.SIZE]);
        return new TaskVector(new Scores(inputs, formula, arrays), 0);
    }

    @Override
    public List<Long> dimensions() {
        return inputs.dimensions();
    }

    @Override
    public int models() {
        return 1;
    }

    @Override
    public boolean hasBase() {
        return true;
    }

    @Override
    public void read(int model, long from, int count, float[] target) {
        float[][] deltas = Arrays.copyOf(arrays.get(), inputs.models());
        new Deltas(inputs).read(from, count, deltas, arrays.get()[inputs.models()]);
        formula.score(deltas, from, count, target);
    }

    @Override
    public void readBase(long from, int count, float[] target) {
        Arrays.fill(target, 0, count, 0);
    }
}
