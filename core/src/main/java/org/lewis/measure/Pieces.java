package org.lewis.measure;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/// Cuts a tensor into pieces that all threads share. Results come back in the order of the pieces, so that no sum
/// depends on how many threads there were.
final class Pieces {

    /// Elements of a piece: the same on every machine.
    static final int SIZE = 1 << 18;

    private Pieces() {}

    /// @param work gets the first element of a piece
    static <T> List<T> map(long elements, LongFunction<T> work) {
        return LongStream.range(0, (elements + SIZE - 1) / SIZE)
                .parallel()
                .mapToObj(piece -> work.apply(piece * SIZE))
                .toList();
    }

    static int length(long elements, long from) {
        return (int) Math.min(SIZE, elements - from);
    }
}
