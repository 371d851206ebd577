package org.lewis.guidance;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.lewis.checkpoint.CheckpointException;

/// RegMean for linear layers that read the same tensor: `W = (sum w_i W_i G_i) (sum w_i G_i)^-1`, the weights whose
/// outputs are nearest to those of all models. `G_i` is the Gram matrix of the layers' inputs on model i's text, per
/// sample, with its off-diagonals times alpha. A feature that no text ever uses gets the mean of its weights.
///
/// @see <a href="https://arxiv.org/abs/2212.09849">Jin et al. 2022, RegMean, equation 2 and section 4.2</a>
final class Regression implements AutoCloseable {

    /// What is added to the diagonal, as a share of its mean, when float32 cannot tell the matrix from a singular one.
    private static final double[] DAMPINGS = {0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2};

    private final double alpha;
    private final Tensor grams;
    private final List<Tensor> products;
    private final List<Tensor> means;
    private double weights;

    /// @param features of the input
    /// @param outputs  of each layer
    Regression(double alpha, int features, List<Integer> outputs) {
        this.alpha = alpha;
        this.grams = torch.zeros(features, features).retainReference();
        this.products = zeros(outputs, features);
        this.means = zeros(outputs, features);
    }

    private static List<Tensor> zeros(List<Integer> outputs, int features) {
        List<Tensor> zeros = new ArrayList<>();
        for (int out : outputs) {
            zeros.add(torch.zeros(out, features).retainReference());
        }
        return zeros;
    }

    /// Adds a model.
    ///
    /// @param gram   `X^T X`, float32 `[features, features]`; changed
    /// @param layers float32 `[out, features]`
    void add(Tensor gram, long samples, double weight, List<Tensor> layers) {
        Tensor diagonal = gram.diagonal().clone();
        gram.mul_(new Scalar(alpha)).diagonal().copy_(diagonal);
        gram.mul_(new Scalar(weight / samples));
        grams.add_(gram);
        weights += weight;
        for (int i = 0; i < layers.size(); i++) {
            products.get(i).addmm_(layers.get(i), gram);
            means.get(i).add_(layers.get(i), new Scalar(weight));
        }
    }

    /// The merged layers, float32 `[out, features]`.
    ///
    /// @throws CheckpointException when the matrix holds NaN or infinities, or cannot be inverted
    List<Tensor> solve() throws CheckpointException {
        Tensor diagonal = grams.diagonal();
        Tensor unused = diagonal.eq(new Scalar(0.0));
        diagonal.masked_fill_(unused, new Scalar(1.0));
        Tensor factor = factor(diagonal);
        List<Tensor> solution = new ArrayList<>();
        for (int i = 0; i < products.size(); i++) {
            Tensor mean = means.get(i).div(new Scalar(weights));
            Tensor product = torch.where(unused, mean, products.get(i));
            solution.add(torch.cholesky_solve(product.t(), factor).t().contiguous());
        }
        return solution;
    }

    private Tensor factor(Tensor diagonal) throws CheckpointException {
        double mean = diagonal.mean().item_double();
        if (!Double.isFinite(mean)) {
            throw new CheckpointException("the model computes NaN or infinities here on the calibration text");
        }
        double added = 0;
        for (double damping : DAMPINGS) {
            diagonal.add_(new Scalar(damping * mean - added));
            added = damping * mean;
            try {
                return torch.linalg_cholesky(grams);
            } catch (RuntimeException e) {
                // More damping, or the refusal below.
            }
        }
        throw new CheckpointException(
                "the sum of Gram matrices cannot be inverted; a lower `alpha`, or weights above 0, help");
    }

    @Override
    public void close() {
        grams.releaseReference();
        products.forEach(Tensor::releaseReference);
        means.forEach(Tensor::releaseReference);
    }
}
