package org.lewis.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.lewis.kernel.Arithmetic;
import org.lewis.kernel.Consensus;
import org.lewis.kernel.Conversion;
import org.lewis.kernel.Draws;
import org.lewis.kernel.Magnitudes;
import org.lewis.kernel.Masks;
import org.lewis.kernel.Rivals;
import org.lewis.kernel.StretchedProducts;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Each kernel on a tile of the size that merges use, beside a plain copy of as many floats.
///
/// `java -cp ... org.openjdk.jmh.Main KernelBenchmark`; divide by [#COUNT] for the time of an element.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class KernelBenchmark {

    static final int COUNT = 1 << 11;

    private static final float[] WEIGHTS = {0.6f, 0.4f};

    private final MemorySegment stored = Arena.ofAuto().allocate(COUNT * Short.BYTES, 64);
    private final float[][] deltas = new float[2][COUNT];
    private final float[] target = new float[COUNT];
    private final Consensus.Scratch scratch = Consensus.Scratch.of(COUNT);
    private final double[] exponentials = new double[COUNT];
    private final int[] collected = new int[COUNT];
    private final int[] masks = new int[COUNT];
    private final Rivals rivals = new Rivals(COUNT, 0.35, 0.65);

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (float[] delta : deltas) {
            for (int i = 0; i < COUNT; i++) {
                delta[i] = (float) random.nextGaussian();
            }
        }
        Conversion.toBfloat16(deltas[0], COUNT, stored, 0);
        verify();
    }

    /// A fast kernel that computes something else is no news.
    private void verify() {
        int above = Magnitudes.countAbove(deltas[0], COUNT, Magnitudes.of(0.6745f));
        if (Math.abs(above - COUNT / 2) > COUNT / 10) {
            throw new IllegalStateException(above + " of " + COUNT + " normal numbers above their median");
        }
        double exact = Math.exp(((double) deltas[0][7] * deltas[1][7] + 32) / 64);
        if (Math.abs(exponentials()[7] / exact - 1) > 1e-13) {
            throw new IllegalStateException("an exponential of " + exponentials[7] + " in place of " + exact);
        }
    }

    @Benchmark
    public float[] copy() {
        System.arraycopy(deltas[0], 0, target, 0, COUNT);
        return target;
    }

    @Benchmark
    public float[] fromBfloat16() {
        Conversion.fromBfloat16(stored, 0, COUNT, target);
        return target;
    }

    @Benchmark
    public MemorySegment toBfloat16() {
        Conversion.toBfloat16(deltas[0], COUNT, stored, 0);
        return stored;
    }

    @Benchmark
    public float[] addScaled() {
        Arithmetic.addScaled(target, 0.5f, deltas[0], COUNT);
        return target;
    }

    @Benchmark
    public double sumOfMagnitudes() {
        return Arithmetic.sumOfMagnitudes(deltas[0], COUNT);
    }

    @Benchmark
    public int countAbove() {
        return Magnitudes.countAbove(deltas[0], COUNT, Magnitudes.of(0.67f));
    }

    @Benchmark
    public int collectThreePerCent() {
        return Magnitudes.collect(deltas[0], COUNT, Magnitudes.of(0.65f), Magnitudes.of(0.69f), collected, 0);
    }

    @Benchmark
    public float[] zeroUpTo() {
        Magnitudes.zeroUpTo(target, 0, COUNT, Magnitudes.of(0.67f));
        return target;
    }

    @Benchmark
    public double[] exponentials() {
        StretchedProducts.exponentials(deltas[0], deltas[1], -32, 1.0 / 64, COUNT, exponentials);
        return exponentials;
    }

    @Benchmark
    public float[] consensus() {
        Consensus.merge(deltas, WEIGHTS, true, COUNT, scratch, target);
        return target;
    }

    @Benchmark
    public int[] draw() {
        Draws.draw(77, 0, collected, COUNT);
        return collected;
    }

    @Benchmark
    public float[] keepWhereNotZero() {
        Masks.ofNonZero(deltas[0], COUNT, collected);
        Masks.keep(target, 0, collected, COUNT);
        return target;
    }

    @Benchmark
    public float[] keepShare() {
        Draws.masks(77, 0, COUNT, 0.5, collected);
        Masks.keep(target, 0, collected, COUNT);
        return target;
    }

    @Benchmark
    public int[] packAndUnpack() {
        Masks.pack(masks, collected, 3);
        Masks.unpack(collected, 3, masks);
        return masks;
    }

    /// A row as long as a tile, at DELLA's defaults.
    @Benchmark
    public int[] rivals() {
        Magnitudes.copy(deltas[0], COUNT, rivals.row(), 0);
        return rivals.decide(77, 0);
    }
}
