package org.lewis.tensor;

/// A tensor plus another of its shape, computed while it is read.
public record ShiftedTensor(ReadableTensor origin, ReadableTensor shift) implements ReadableTensor {

    public ShiftedTensor {
        if (!origin.shape().equals(shift.shape())) {
            throw new IllegalArgumentException(
                    shift.name() + " is " + shift.shape() + ", but " + origin.name() + " is " + origin.shape());
        }
    }

    @Override
    public String name() {
        return origin.name();
    }

    @Override
    public Dtype dtype() {
        return origin.dtype();
    }

    @Override
    public Shape shape() {
        return origin.shape();
    }

    @Override
    public void read(long from, int count, float[] target) {
        float[] shifts = new float[count];
        origin.read(from, count, target);
        shift.read(from, count, shifts);
        for (int i = 0; i < count; i++) {
            target[i] += shifts[i];
        }
    }
}
