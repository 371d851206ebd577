package org.lewis.kernel;

/// Sums down the columns of a few rows. Each sum grows in a register, row after row, over many columns at once: the
/// loops are written out so that the compiler turns them into such code.
public final class ColumnSums {

    /// Rows that are added up at a time.
    public static final int ROWS = 8;

    private ColumnSums() {}

    /// `sums[i] = rows[0][i]^2 + rows[1][i]^2 + ...`, one rounding per row.
    ///
    /// @param rows [#ROWS] of them, as long as the sums
    public static void squares(float[][] rows, float[] sums) {
        float[] a = rows[0];
        float[] b = rows[1];
        float[] c = rows[2];
        float[] d = rows[3];
        float[] e = rows[4];
        float[] f = rows[5];
        float[] g = rows[6];
        float[] h = rows[7];
        for (int i = 0; i < sums.length; i++) {
            float sum = a[i] * a[i];
            sum = Math.fma(b[i], b[i], sum);
            sum = Math.fma(c[i], c[i], sum);
            sum = Math.fma(d[i], d[i], sum);
            sum = Math.fma(e[i], e[i], sum);
            sum = Math.fma(f[i], f[i], sum);
            sum = Math.fma(g[i], g[i], sum);
            sums[i] = Math.fma(h[i], h[i], sum);
        }
    }

    /// `sums[i] = |rows[0][i]| + |rows[1][i]| + ...`
    ///
    /// @param rows [#ROWS] of them, as long as the sums
    public static void magnitudes(float[][] rows, float[] sums) {
        float[] a = rows[0];
        float[] b = rows[1];
        float[] c = rows[2];
        float[] d = rows[3];
        float[] e = rows[4];
        float[] f = rows[5];
        float[] g = rows[6];
        float[] h = rows[7];
        for (int i = 0; i < sums.length; i++) {
            float first = Math.abs(a[i]) + Math.abs(b[i]) + Math.abs(c[i]) + Math.abs(d[i]);
            sums[i] = first + Math.abs(e[i]) + Math.abs(f[i]) + Math.abs(g[i]) + Math.abs(h[i]);
        }
    }

    /// `sums[i] += few[i]`
    public static void add(float[] few, double[] sums) {
        for (int i = 0; i < few.length; i++) {
            sums[i] += few[i];
        }
    }
}
