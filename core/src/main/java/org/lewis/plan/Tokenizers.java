package org.lewis.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.SideFiles;
import org.lewis.recipe.Recipe;

/// Which tokenizer the output gets. So far all models must share one wherever the recipe asks for a common vocabulary.
final class Tokenizers {

    private Tokenizers() {}

    /// @throws CheckpointException when vocabularies would have to be merged
    static void check(Recipe recipe, Sources sources, List<Ingredient> models) throws IOException {
        if (recipe.tokenizer().isEmpty()) {
            return;
        }
        Ingredient first = models.getFirst();
        Path folder = sources.checkpoint(first.donor().model()).folder();
        for (Ingredient model : models) {
            if (!SideFiles.sameTokenizer(
                    folder, sources.checkpoint(model.donor().model()).folder())) {
                throw new CheckpointException(model.reference() + " and " + first.reference()
                        + " have different tokenizers, and `tokenizer_source: "
                        + recipe.tokenizer().get() + "` asks to merge them, which is not supported yet;"
                        + " without that key the tokenizer of " + first.reference() + " is taken");
            }
        }
    }
}
