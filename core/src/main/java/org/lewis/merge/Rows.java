package org.lewis.merge;

import org.lewis.kernel.Magnitudes;

/// The rows of a task vector, for what ranks entries among those of their row.
record Rows(TaskVector vector, int columns) {

    static Rows of(TaskVector vector) {
        return new Rows(vector, Math.toIntExact(vector.inputs().columns()));
    }

    /// The magnitudes of a whole row.
    ///
    /// @param part magnitudes of `count` entries from position `from` on: if the row lies there, nothing is read
    void read(long row, int[] part, long from, int count, int[] target) {
        long begin = row * columns;
        if (begin >= from && begin + columns <= from + count) {
            System.arraycopy(part, (int) (begin - from), target, 0, columns);
        } else {
            vector.eachTile(
                    begin,
                    begin + columns,
                    (values, at, length) -> Magnitudes.copy(values, length, target, (int) (at - begin)));
        }
    }
}
