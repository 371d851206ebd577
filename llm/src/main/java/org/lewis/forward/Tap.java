package org.lewis.forward;

import org.bytedeco.pytorch.Tensor;
import org.lewis.model.Decoder;

/// Sees what goes into and comes out of every linear of a running model. Calibration statistics are taps.
@FunctionalInterface
public interface Tap {

    /// Sees nothing.
    Tap NONE = (_, _, _) -> {};

    /// Called once per linear and pass; with experts, with the rows that the router sent there, and not at all for
    /// none.
    ///
    /// Both tensors, and any the tap makes, are freed when the block ends. What is to stay must be retained
    /// (`retainReference`) or copied to Java.
    ///
    /// @param input  `[tokens, linear.in()]` in the model's precision; must not be changed
    /// @param output `[tokens, linear.out()]`, bias added
    void linear(Decoder.Linear linear, Tensor input, Tensor output);

    /// Whether nobody reads what a linear gives: then it is not computed, and its output is zero.
    default boolean skips(Decoder.Linear linear) {
        return false;
    }
}
