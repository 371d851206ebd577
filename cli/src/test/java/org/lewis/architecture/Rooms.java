package org.lewis.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The rooms of the house and what each may know of. The page `docs/architecture.md` prints the same table, and a test
/// compares them: an arrow that the code needs and the table lacks is a decision, to be made in both.
final class Rooms {

    /// The package that holds all rooms.
    static final String HOUSE = "org.lewis";

    /// Rooms of the module `core`, which works without native code.
    static final Set<String> CORE = Set.of(
            "kernel",
            "document",
            "tensor",
            "vocabulary",
            "checkpoint",
            "model",
            "merge",
            "recipe",
            "plan",
            "engine",
            "extract",
            "measure");

    /// From the bottom of the house to the top.
    static final Map<String, Set<String>> MAY_SEE = table(
            room("kernel"),
            room("document"),
            room("tensor", "kernel"),
            room("vocabulary", "document", "tensor"),
            room("checkpoint", "document", "tensor"),
            room("model", "document"),
            room("merge", "kernel"),
            room("recipe", "document", "tensor", "vocabulary", "merge"),
            room("plan", "recipe", "vocabulary", "merge", "model", "checkpoint", "tensor"),
            room("engine", "plan", "merge", "checkpoint", "tensor"),
            room("extract", "kernel", "model", "checkpoint", "tensor"),
            room("measure", "model", "checkpoint", "tensor"),
            room("dataset", "document", "checkpoint"),
            room("jinja"),
            room("tokenizer", "document", "vocabulary", "jinja"),
            room("forward", "model", "checkpoint", "tensor"),
            room("calibrate", "forward", "tokenizer", "checkpoint", "tensor"),
            room("guidance", "calibrate", "forward", "dataset", "recipe", "plan", "engine"),
            room("evaluate", "forward", "dataset", "tokenizer", "checkpoint"),
            room("compare", "guidance", "evaluate", "engine", "measure", "checkpoint"),
            room("report", "evaluate", "guidance", "calibrate", "measure"));

    private Rooms() {}

    /// Whether the table leads from one room to the other, directly or through rooms between them: who works with plans
    /// also meets the recipe inside.
    static boolean leads(String from, String to) {
        Set<String> next = MAY_SEE.getOrDefault(from, Set.of());
        return next.contains(to) || next.stream().anyMatch(between -> leads(between, to));
    }

    /// The room of a class; empty for a class of somebody else's.
    static Optional<String> of(String packageName) {
        if (!(packageName + ".").startsWith(HOUSE + ".")) {
            return Optional.empty();
        }
        String below = packageName.substring(Math.min(packageName.length(), HOUSE.length() + 1));
        return Optional.of(below.split("\\.", 2)[0]);
    }

    private static Map.Entry<String, Set<String>> room(String name, String... maySee) {
        return Map.entry(name, new TreeSet<>(List.of(maySee)));
    }

    @SafeVarargs
    private static Map<String, Set<String>> table(Map.Entry<String, Set<String>>... rooms) {
        Map<String, Set<String>> table = new LinkedHashMap<>();
        for (Map.Entry<String, Set<String>> room : rooms) {
            table.put(room.getKey(), room.getValue());
        }
        // Commands may use everything, and nothing may use commands.
        table.put("cli", new TreeSet<>(table.keySet()));
        return table;
    }
}
