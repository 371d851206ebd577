package org.lewis.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.Layout;
import org.lewis.model.TensorNames;
import org.lewis.tensor.Shape;
import org.lewis.vocabulary.RowOrigins;

/// The tensors of a model that have a row for each token: the table of embeddings, the output head and its bias.
final class TokenTables {

    private static final Pattern POSITIONS = Pattern.compile("wpe|position");

    private TokenTables() {}

    /// How many rows all tables of tokens have.
    ///
    /// @throws CheckpointException when there is no table of embeddings
    static int rows(Ingredient model) throws CheckpointException {
        if (model.tensors().keySet().stream().noneMatch(TensorNames::isTokenTable)) {
            throw new CheckpointException(
                    model.reference() + ": has no table of embeddings that a new vocabulary could be applied to");
        }
        return model.tensors().entrySet().stream()
                .filter(entry -> TensorNames.hasRowsOfTokens(entry.getKey()))
                .mapToInt(
                        entry -> Math.toIntExact(entry.getValue().slot().shape().dimension(0)))
                .min()
                .orElseThrow();
    }

    /// The models with tables in a new vocabulary.
    ///
    /// @param rows    of each model's table
    /// @param origins of each model's new rows
    /// @param kept    whether tables that some models lack are kept; else nobody reads them
    static List<Ingredient> aligned(List<Ingredient> models, List<Integer> rows, List<RowOrigins> origins, boolean kept)
            throws CheckpointException {
        List<Map<String, Ingredient.Part>> changed = new ArrayList<>();
        models.forEach(model -> changed.add(new TreeMap<>(model.tensors())));
        Set<String> names = new TreeSet<>();
        models.forEach(model -> names.addAll(model.tensors().keySet()));
        names.removeIf(name -> !TensorNames.hasRowsOfTokens(name));
        for (String name : names) {
            List<Ingredient.Part> tables = models.stream()
                    .flatMap(model -> Stream.ofNullable(model.tensors().get(name)))
                    .toList();
            if (tables.size() < models.size()) {
                if (kept) {
                    throw new CheckpointException(name + ": is not in all models, so that its rows cannot follow one"
                            + " vocabulary; leave it out with `missing_tensors: drop`");
                }
                continue;
            }
            refuseDifferentWidths(name, models, tables);
            for (int i = 0; i < models.size(); i++) {
                if (!origins.get(i)
                        .keeps(i, Math.toIntExact(tables.get(i).slot().shape().dimension(0)))) {
                    changed.get(i).put(name, gathered(i, tables, origins.get(i)));
                }
            }
        }
        List<Ingredient> aligned = new ArrayList<>();
        for (int i = 0; i < models.size(); i++) {
            if (!origins.get(i).keeps(i, rows.get(i))) {
                refuseUnknownTables(models.get(i), rows.get(i));
            }
            aligned.add(models.get(i).with(changed.get(i)));
        }
        return aligned;
    }

    private static Ingredient.Part gathered(int model, List<Ingredient.Part> tables, RowOrigins origins) {
        Layout.Slot own = tables.get(model).slot();
        List<Long> dimensions = new ArrayList<>(own.shape().dimensions());
        dimensions.set(0, (long) origins.size());
        Layout.Slot slot = new Layout.Slot(own.name(), own.dtype(), new Shape(dimensions));
        return new Ingredient.Part(
                slot,
                new TensorJob.Rows(
                        slot, model, tables.stream().map(Ingredient.Part::input).toList(), origins));
    }

    private static void refuseDifferentWidths(String name, List<Ingredient> models, List<Ingredient.Part> tables)
            throws CheckpointException {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (int i = 0; i < models.size(); i++) {
            shapes.put(
                    models.get(i).reference().toString(), tables.get(i).slot().shape());
        }
        if (shapes.values().stream()
                        .map(shape -> shape.dimensions().subList(1, shape.rank()))
                        .distinct()
                        .count()
                > 1) {
            throw new CheckpointException(
                    name + ": shapes differ: " + shapes + "; a common vocabulary only evens out the number of rows");
        }
    }

    /// A table that is not known as one would keep its old rows.
    private static void refuseUnknownTables(Ingredient model, int rows) throws CheckpointException {
        for (Ingredient.Part part : model.tensors().values()) {
            String name = part.slot().name();
            Shape shape = part.slot().shape();
            if (shape.rank() == 2
                    && shape.dimension(0) == rows
                    && TensorNames.layer(name).isEmpty()
                    && !TensorNames.hasRowsOfTokens(name)
                    && !POSITIONS.matcher(name).find()) {
                throw new CheckpointException(model.reference() + ": " + name + " " + shape
                        + " seems to have a row for each token, but its name is not known as that of such a table");
            }
        }
    }
}
