package org.lewis.calibrate;

import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// `X^T X` over all inputs `X` of some linears, float32 `[features, features]`, added up batch by batch in place.
///
/// Only what lies right of a staircase along the diagonal is computed, since the rest is its mirror image. Products are
/// float32 whatever the inputs are: the library rounds sums of bfloat16 products to bfloat16, and matrices so rounded
/// often turn out not to be positive definite.
public final class GramMatrix implements AutoCloseable {

    /// Columns of a step of the staircase: wide enough for a matrix product to run at full speed.
    private static final int STEP = 1024;

    private final int features;
    private final Tensor sum;
    private long tokens;

    public GramMatrix(int features) {
        this(features, new TensorOptions(ScalarType.Float));
    }

    private GramMatrix(int features, TensorOptions options) {
        this.features = features;
        this.sum = torch.zeros(new long[] {features, features}, options).retainReference();
    }

    /// For inputs like one, on its device.
    ///
    /// @param input `[tokens, features]`
    static GramMatrix beside(Tensor input) {
        TensorOptions options = new TensorOptions(ScalarType.Float).device(new DeviceOptional(input.device()));
        return new GramMatrix(Math.toIntExact(input.size(1)), options);
    }

    /// Memory of one, in bytes.
    public static long bytes(int features) {
        return (long) features * features * Float.BYTES;
    }

    /// @param input `[tokens, features]`
    public void add(Tensor input) {
        tokens += input.size(0);
        Tensor wide = input.to(ScalarType.Float);
        for (int from = 0; from < features; from += STEP) {
            Tensor some = wide.narrow(1, from, Math.min(STEP, features - from)).t();
            Tensor rest = wide.narrow(1, from, features - from);
            sum.narrow(0, from, some.size(0)).narrow(1, from, features - from).addmm_(some, rest);
        }
    }

    /// Of all inputs so far.
    public long tokens() {
        return tokens;
    }

    /// The whole matrix, which further inputs are added to; valid until it is closed.
    public Tensor matrix() {
        for (int from = STEP; from < features; from += STEP) {
            int count = Math.min(STEP, features - from);
            sum.narrow(0, from, count)
                    .narrow(1, 0, from)
                    .copy_(sum.narrow(0, 0, from).narrow(1, from, count).t());
        }
        return sum;
    }

    @Override
    public void close() {
        sum.releaseReference();
    }
}
