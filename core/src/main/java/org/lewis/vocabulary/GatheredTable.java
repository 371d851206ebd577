package org.lewis.vocabulary;

import java.util.ArrayList;
import java.util.List;
import org.lewis.tensor.Dtype;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Shape;

/// A table of tokens in a new vocabulary: its rows are looked up in the models' own tables while they are read.
///
/// @param tables  of all models, by number; a row may come from any of them
/// @param model   whose table it is: the number of its own in `tables`
/// @param origins one entry for each row
public record GatheredTable(
        String name, Dtype dtype, Shape shape, List<ReadableTensor> tables, int model, RowOrigins origins)
        implements ReadableTensor {

    public GatheredTable {
        tables = List.copyOf(tables);
        if (shape.rank() < 1 || shape.dimension(0) != origins.size()) {
            throw new IllegalArgumentException(name + ": " + origins.size() + " rows do not make " + shape);
        }
    }

    /// The model's own table.
    public ReadableTensor own() {
        return tables.get(model);
    }

    /// The same with the model's own table read from elsewhere.
    public GatheredTable withOwn(ReadableTensor table) {
        List<ReadableTensor> changed = new ArrayList<>(tables);
        changed.set(model, table);
        return new GatheredTable(name, dtype, shape, changed, model, origins);
    }

    @Override
    public void read(long from, int count, float[] target) {
        if (count == 0) {
            return;
        }
        int width = Math.toIntExact(elements() / origins.size());
        int first = run(from, count, width);
        if (first == count) {
            read(from, count, width, target);
            return;
        }
        float[] piece = new float[count];
        for (int done = 0, length = first; done < count; done += length) {
            length = run(from + done, count - done, width);
            read(from + done, length, width, piece);
            System.arraycopy(piece, 0, target, done, length);
        }
    }

    @Override
    public void release(long from, long to) {
        if (from == to) {
            return;
        }
        int width = Math.toIntExact(elements() / origins.size());
        int last = (int) ((to - 1) / width);
        for (int row = (int) (from / width), run; row <= last; row += run) {
            run = origins.run(row, last - row + 1);
            for (Origin origin : origins.at(row)) {
                ReadableTensor table = tables.get(origin.model());
                table.release((long) origin.row() * width, (long) (origin.row() + run) * width);
            }
        }
    }

    /// How many elements from this one on lie side by side in one of the tables.
    private int run(long from, int most, int width) {
        int column = (int) (from % width);
        int rows = (int) (((long) column + most + width - 1) / width);
        return (int) Math.min(most, (long) origins.run((int) (from / width), rows) * width - column);
    }

    /// A part of rows that follow one another.
    private void read(long from, int length, int width, float[] piece) {
        int column = (int) (from % width);
        List<Origin> rows = origins.at((int) (from / width));
        if (rows.size() == 1) {
            Origin origin = rows.getFirst();
            tables.get(origin.model()).read((long) origin.row() * width + column, length, piece);
            return;
        }
        double[] sums = new double[length];
        for (Origin origin : rows) {
            tables.get(origin.model()).read((long) origin.row() * width + column, length, piece);
            for (int i = 0; i < length; i++) {
                sums[i] += piece[i];
            }
        }
        for (int i = 0; i < length; i++) {
            piece[i] = rows.isEmpty() ? 0 : (float) (sums[i] / rows.size());
        }
    }
}
