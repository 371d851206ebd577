package org.lewis.vocabulary;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// For each row of a model's table in the new vocabulary, the rows that it is the mean of: usually one, its own from
/// before; none for a row of zeros.
public final class RowOrigins {

    private static final int ZERO = -1;
    private static final int MEAN = -2;

    private final int[] models;
    private final int[] rows;
    private final Map<Integer, List<Origin>> means = new HashMap<>();

    /// Zeros, until they are set.
    RowOrigins(int size) {
        this.models = new int[size];
        this.rows = new int[size];
        Arrays.fill(models, ZERO);
    }

    void set(int row, List<Origin> origins) {
        models[row] = switch (origins.size()) {
            case 0 -> ZERO;
            case 1 -> origins.getFirst().model();
            default -> MEAN;
        };
        rows[row] = origins.size() == 1 ? origins.getFirst().row() : 0;
        means.remove(row);
        if (origins.size() > 1) {
            means.put(row, List.copyOf(origins));
        }
    }

    /// How many rows the new table has.
    public int size() {
        return models.length;
    }

    /// How many rows are those of one table as they are.
    public int from(int model) {
        return (int) Arrays.stream(models).filter(origin -> origin == model).count();
    }

    /// The rows whose mean this one is.
    public List<Origin> at(int row) {
        return switch (models[row]) {
            case ZERO -> List.of();
            case MEAN -> means.get(row);
            default -> List.of(new Origin(models[row], rows[row]));
        };
    }

    /// All of it as bytes, equal for equal origins.
    public byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * 2 * size());
        bytes.asIntBuffer().put(models).put(rows);
        byte[] rest = new TreeMap<>(means).toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(bytes.capacity() + rest.length)
                .put(bytes)
                .put(rest)
                .array();
    }

    /// How many rows from this one on, at most `most`, follow one another in the same table.
    int run(int row, int most) {
        int length = 1;
        while (length < most
                && models[row] >= 0
                && models[row + length] == models[row]
                && rows[row + length] == rows[row] + length) {
            length++;
        }
        return length;
    }

    /// Whether a table of so many rows stays as it is.
    public boolean keeps(int model, int tableRows) {
        return size() == tableRows && size() > 0 && run(0, size()) == size() && models[0] == model && rows[0] == 0;
    }
}
