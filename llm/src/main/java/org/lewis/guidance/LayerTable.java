package org.lewis.guidance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.lewis.document.DocumentException;
import org.lewis.document.Node;

/// One number for each linear layer of a model: a row per block, a column per component, NaN where a block lacks one.
///
/// @param components names of the columns, `q_proj` and so on
/// @param values     `[layers][components]`
public record LayerTable(List<String> components, double[][] values) {

    public LayerTable {
        components = List.copyOf(components);
        for (double[] row : values) {
            if (row.length != components.size()) {
                throw new IllegalArgumentException(
                        "a row of " + row.length + " for " + components.size() + " components");
            }
            if (Arrays.stream(row).anyMatch(Double::isInfinite)) {
                throw new IllegalArgumentException("a table has no infinities, found " + Arrays.toString(row));
            }
        }
    }

    /// The same number everywhere.
    public static LayerTable uniform(List<String> components, int layers, double value) {
        double[][] values = new double[layers][components.size()];
        for (double[] row : values) {
            Arrays.fill(row, value);
        }
        return new LayerTable(components, values);
    }

    /// Reads what [#plain] has become in a document.
    ///
    /// @param rows    a list of lists, with a number or null for each component
    /// @param columns the components of the rows
    /// @throws DocumentException when it is no such table
    public static LayerTable read(Node rows, List<String> columns) {
        double[][] values = new double[rows.sequence().size()][columns.size()];
        for (int layer = 0; layer < values.length; layer++) {
            Node row = rows.sequence().get(layer);
            if (row.sequence().size() != columns.size()) {
                throw row.expected("a list of " + columns.size());
            }
            for (int i = 0; i < columns.size(); i++) {
                Node cell = row.sequence().get(i);
                values[layer][i] = cell.isNull() ? Double.NaN : cell.number();
            }
        }
        return new LayerTable(columns, values);
    }

    /// A list for each layer, for a document; null where a block lacks a component.
    public List<Object> plain() {
        List<Object> rows = new ArrayList<>();
        for (double[] row : values) {
            List<Object> cells = new ArrayList<>();
            for (double value : row) {
                cells.add(Double.isNaN(value) ? null : value);
            }
            rows.add(cells);
        }
        return rows;
    }

    /// Some components, in this order.
    LayerTable of(List<String> chosen) {
        double[][] some = new double[layers()][chosen.size()];
        for (int layer = 0; layer < some.length; layer++) {
            for (int i = 0; i < chosen.size(); i++) {
                some[layer][i] = value(layer, chosen.get(i));
            }
        }
        return new LayerTable(chosen, some);
    }

    public int layers() {
        return values.length;
    }

    public double value(int layer, String component) {
        return values[layer][components.indexOf(component)];
    }

    /// All values in one stream, row by row.
    public DoubleStream all() {
        return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(value -> !Double.isNaN(value));
    }

    /// Two tables are equal when all their numbers are.
    @Override
    public boolean equals(Object other) {
        return other instanceof LayerTable(var theirs, double[][] numbers)
                && components.equals(theirs)
                && Arrays.deepEquals(values, numbers);
    }

    @Override
    public int hashCode() {
        return 31 * components.hashCode() + Arrays.deepHashCode(values);
    }
}
