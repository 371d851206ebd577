package org.lewis.merge;

import java.util.Arrays;
import org.lewis.kernel.Masks;

/// Which entries of a task vector stay, decided once: a bit for each.
///
/// @param groups the words of each group of [Masks]
record Remembered(int[][] groups) implements Sparsity {

    private static final ThreadLocal<int[]> MASKS = ThreadLocal.withInitial(() -> new int[Masks.BLOCK]);

    /// Nothing stays yet.
    static Remembered of(long elements) {
        return new Remembered(new int[Math.toIntExact((elements + Masks.GROUP - 1) / Masks.GROUP)][Masks.BLOCK]);
    }

    private int[] words(long position) {
        return groups[Math.toIntExact(position / Masks.GROUP)];
    }

    private static int block(long position) {
        return (int) (position % Masks.GROUP) / Masks.BLOCK;
    }

    @Override
    public void apply(float[] values, long from, int count) {
        int[] masks = MASKS.get();
        int done = 0;
        while (done < count) {
            long position = from + done;
            int inBlock = (int) (position % Masks.BLOCK);
            int run = Math.min(Masks.BLOCK - inBlock, count - done);
            Masks.unpack(words(position), block(position), masks);
            System.arraycopy(masks, inBlock, masks, 0, run);
            Masks.keep(values, done, masks, run);
            done += run;
        }
    }

    /// Takes note of a block of decisions. Threads must not share a group; chunks are whole groups.
    ///
    /// @param from where the block begins
    void note(int[] masks, long from) {
        Masks.pack(masks, words(from), block(from));
    }

    /// Takes note of decisions from one position on, in order.
    final class Writer {

        private final int[] block = new int[Masks.BLOCK];
        private long position;
        private int filled;

        /// @param from where a block begins
        Writer(long from) {
            this.position = from;
        }

        void add(int[] masks, int count) {
            int done = 0;
            while (done < count) {
                int run = Math.min(block.length - filled, count - done);
                System.arraycopy(masks, done, block, filled, run);
                filled += run;
                done += run;
                if (filled == block.length) {
                    end();
                }
            }
        }

        /// Writes what is left.
        void end() {
            if (filled > 0) {
                Arrays.fill(block, filled, block.length, 0);
                note(block, position);
                position += block.length;
                filled = 0;
            }
        }
    }
}
