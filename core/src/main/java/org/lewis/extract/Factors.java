package org.lewis.extract;

/// The pair of thin matrices whose product stands for the difference of a linear's weight.
///
/// @param down `[rank, in]`, PEFT's `lora_A`
/// @param up   `[out, rank]`, PEFT's `lora_B`
/// @param fit  how well it does
record Factors(int rank, int in, int out, float[] down, float[] up, Fit fit) {

    /// The first `rank` singular values, their roots on both sides.
    ///
    /// @param module     name of the linear
    /// @param transposed whether the weight is stored `[in, out]`
    static Factors of(String module, Svd svd, int rank, boolean transposed) {
        double[][] ofRows = svd.left();
        double[][] ofColumns = svd.right();
        double[][] in = transposed ? ofRows : ofColumns;
        double[][] out = transposed ? ofColumns : ofRows;
        int inputs = transposed ? svd.rows() : svd.columns();
        int outputs = transposed ? svd.columns() : svd.rows();
        float[] down = new float[rank * inputs];
        float[] up = new float[outputs * rank];
        for (int k = 0; k < rank; k++) {
            double root = Math.sqrt(svd.values()[k]);
            for (int i = 0; i < inputs; i++) {
                down[k * inputs + i] = (float) (root * in[k][i]);
            }
            for (int i = 0; i < outputs; i++) {
                up[i * rank + k] = (float) (root * out[k][i]);
            }
        }
        double lost = Math.max(0, 1 - svd.energy(rank));
        return new Factors(rank, inputs, outputs, down, up, new Fit(module, rank, Math.sqrt(lost), svd.squares()));
    }
}
