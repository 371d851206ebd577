package org.lewis.calibrate;

import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.lewis.forward.Tensors;

/// Sums that the tensor library adds up where the activations are. They come back once for all sequences, so that
/// nothing waits for the device in between. A device runs one sequence after the other, so shares are added at once.
final class DeviceSums implements Sums {

    private enum Sum {
        SQUARES,
        MAGNITUDES,
        INPUT_NORMS,
        OUTPUT_NORMS
    }

    private static final Share ADDED = () -> {};

    private final int features;
    private final Map<Sum, Tensor> sums = new EnumMap<>(Sum.class); // float64, on the device of what was added
    private long tokens;

    DeviceSums(int features) {
        this.features = features;
    }

    @Override
    public Share ofInput(Tensor input) {
        try (PointerScope _ = new PointerScope()) {
            Tensor wide = input.to(ScalarType.Float);
            Tensor squares = columns(wide.square());
            add(Sum.SQUARES, squares);
            add(Sum.MAGNITUDES, columns(wide.abs()));
            add(Sum.INPUT_NORMS, norm(squares));
        }
        tokens += input.size(0);
        return ADDED;
    }

    @Override
    public Share ofOutput(Tensor output) {
        try (PointerScope _ = new PointerScope()) {
            add(Sum.OUTPUT_NORMS, norm(output.to(ScalarType.Float).square()));
        }
        return ADDED;
    }

    @Override
    public Totals finish() {
        Totals totals = new Totals(
                take(Sum.SQUARES, features),
                take(Sum.MAGNITUDES, features),
                take(Sum.INPUT_NORMS, 1)[0],
                take(Sum.OUTPUT_NORMS, 1)[0],
                tokens);
        sums.clear();
        return totals;
    }

    private static Tensor columns(Tensor rows) {
        return rows.sum(new long[] {0}, false, new ScalarTypeOptional(ScalarType.Double))
                .to(ScalarType.Float);
    }

    private static Tensor norm(Tensor squares) {
        return squares.sum(new ScalarTypeOptional(ScalarType.Double)).sqrt().to(ScalarType.Float);
    }

    private void add(Sum sum, Tensor share) {
        Tensor wide = share.to(ScalarType.Double);
        Tensor before = sums.get(sum);
        if (before == null) {
            sums.put(sum, wide.retainReference());
        } else {
            before.add_(wide);
        }
    }

    /// Zeros when no sequence came by, as with an expert that the router never chose.
    private double[] take(Sum sum, int count) {
        Tensor tensor = sums.get(sum);
        if (tensor == null) {
            return new double[count];
        }
        try (PointerScope _ = new PointerScope()) {
            return Tensors.memory(tensor).toArray(ValueLayout.JAVA_DOUBLE);
        } finally {
            tensor.releaseReference();
        }
    }
}
