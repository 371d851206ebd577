package org.lewis.merge;

import java.util.Arrays;
import java.util.List;

/// A task vector times the factors of its columns, so that a [Selection] can rank its entries.
record ScaledVector(TaskVector vector, ColumnFactors factors) implements Inputs {

    @Override
    public List<Long> dimensions() {
        return vector.inputs().dimensions();
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
        vector.read(from, count, target, new float[count]);
        factors.multiply(vector.inputs(), target, from, count);
    }

    @Override
    public void readBase(long from, int count, float[] target) {
        Arrays.fill(target, 0, count, 0);
    }
}
