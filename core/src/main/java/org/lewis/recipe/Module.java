package org.lewis.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lewis.document.Node;
import org.lewis.document.Place;
import org.lewis.merge.Parameter;

/// One module of a model of several, such as the language model or the vision tower, and how it is merged.
///
/// @param name   as [org.lewis.model.Modules] has it
/// @param recipe of models or slices, for the tensors of this module only
public record Module(String name, Recipe recipe, Place place) {

    /// Reads `modules`.
    ///
    /// @param whole what all modules share
    static List<Module> parse(Node mapping, Recipe whole, List<String> notes) {
        List<Module> modules = new ArrayList<>();
        mapping.mapping().forEach((name, node) -> {
            Keys.MODULE.check(node, notes);
            Parameters parameters = node.find("parameters")
                    .map(found -> Parameters.parse(found, whole.method(), List.of(Parameter.Scope.values()), notes))
                    .orElse(Parameters.NONE)
                    .orElse(whole.parameters());
            Recipe module = whole.withParameters(parameters);
            Optional<Node> models = node.find("models");
            Optional<Node> slices = node.find("slices");
            if (models.isPresent() == slices.isPresent()) {
                throw node.error("expected either `models` or `slices`");
            }
            modules.add(new Module(
                    name,
                    models.isPresent()
                            ? Entries.merged(models.get(), module, notes)
                            : module.ofSlices(Slices.parse(slices.orElseThrow(), module, notes)),
                    node.place()));
        });
        if (modules.isEmpty()) {
            throw mapping.expected("at least one module");
        }
        return modules;
    }
}
