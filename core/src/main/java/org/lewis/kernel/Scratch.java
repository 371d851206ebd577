package org.lewis.kernel;

/// Arrays for what a kernel has to note down between two loops, one set for each thread.
///
/// A kernel that made new ones for each tile would write as much memory as it reads from the models, and push the tile
/// out of the cache.
record Scratch(int[] first, int[] second, float[] floats) {

    /// Elements of each array.
    static final int SIZE = 1 << 11;

    private static final ThreadLocal<Scratch> OF_THREAD =
            ThreadLocal.withInitial(() -> new Scratch(new int[SIZE], new int[SIZE], new float[SIZE]));

    /// That of the calling thread. Nothing in it lasts from one call of a kernel to the next.
    static Scratch get() {
        return OF_THREAD.get();
    }
}
