package org.lewis.guidance;

import java.util.Locale;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.forward.Tensors;

/// The inverse of the damped Hessian `H = 2/n X^T X` of what a linear layer's weights do to its output, `n` counting
/// samples. A feature that is zero in all of the text is dead: its diagonal element is 1. Where no
/// token came at all, as to an expert that the router does not like, none is dead and `H` is the identity.
///
/// @param matrix `[H^-1]`, float32 `[features, features]`
/// @param dead   by feature
/// @see <a href="https://arxiv.org/abs/2301.00774">Frantar and Alistarh 2023, SparseGPT, sections 3.2 and 3.3</a>
public record InverseHessian(Tensor matrix, boolean[] dead) {

    /// Beyond it, the Hessian says next to nothing any more.
    static final double MOST_DAMPING = 1;

    /// Each attempt damps so many times as much as the one before.
    private static final double STEP = 10;

    /// Matrices of the Hessian's size that exist at once while it is inverted and used: itself, and two more.
    static final int WORKSPACE = 3;

    /// @param gram     float32 `[features, features]`; becomes the damped Hessian
    /// @param percdamp what is added to the diagonal, as a share of its mean; more when it is not enough
    /// @param notes    hears of more damping
    /// @throws CheckpointException when the matrix holds NaN or infinities, or cannot be inverted at any damping
    public static InverseHessian of(Tensor gram, long samples, double percdamp, Consumer<String> notes)
            throws CheckpointException {
        Tensor hessian = gram.mul_(new Scalar(2.0 / samples));
        Tensor diagonal = hessian.diagonal();
        boolean[] dead = zeros(diagonal);
        if (allTrue(dead)) {
            dead = new boolean[dead.length]; // no token came this way, which says nothing about features
        }
        Tensor isDead = diagonal.eq(new Scalar(0.0));
        diagonal.masked_fill_(isDead, new Scalar(1.0));
        double mean = diagonal.mean().item_double();
        if (!Double.isFinite(mean)) {
            throw new CheckpointException("the model computes NaN or infinities here on the calibration text");
        }
        double added = 0;
        for (double damping = percdamp; ; damping = Math.max(damping, 1e-4) * STEP) {
            diagonal.add_(new Scalar(damping * mean - added));
            added = damping * mean;
            try {
                Tensor factor = torch.linalg_cholesky(hessian);
                if (damping > percdamp) {
                    notes.accept(String.format(
                            Locale.ROOT,
                            "not positive definite with a damping of %s; %s is enough",
                            percdamp,
                            number(damping)));
                }
                return new InverseHessian(torch.cholesky_inverse(factor), dead);
            } catch (RuntimeException e) {
                if (damping >= MOST_DAMPING) {
                    throw new CheckpointException("the Hessian is not positive definite, not even with a damping of "
                            + number(damping) + " of its mean diagonal; more calibration text may help");
                }
            }
        }
    }

    private static boolean allTrue(boolean[] flags) {
        for (boolean flag : flags) {
            if (!flag) {
                return false;
            }
        }
        return true;
    }

    private static String number(double damping) {
        return String.format(Locale.ROOT, "%.4g", damping).replaceFirst("\\.?0+$", "");
    }

    private static boolean[] zeros(Tensor diagonal) {
        float[] values = Tensors.view(diagonal).floats();
        boolean[] zeros = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            zeros[i] = values[i] == 0;
        }
        return zeros;
    }

    /// `[H^-1]_jj` by feature.
    public float[] diagonal() {
        return Tensors.view(matrix.diagonal()).floats();
    }

    /// What SparseGPT ranks columns of weights by: its score is `w_ij^2 / [H^-1]_jj^2`, the square of `|w_ij| * s_j`.
    public float[] scales() {
        float[] scales = diagonal();
        for (int i = 0; i < scales.length; i++) {
            scales[i] = 1 / scales[i];
        }
        return scales;
    }

    /// The upper Cholesky factor `U` of the inverse, `H^-1 = U^T U`.
    ///
    /// @throws CheckpointException when rounding left an inverse that has none
    public Tensor factor() throws CheckpointException {
        try {
            return torch.linalg_cholesky(matrix, true);
        } catch (RuntimeException e) {
            throw new CheckpointException(
                    "the inverse Hessian is not positive definite in float32; a higher `percdamp` helps");
        }
    }
}
