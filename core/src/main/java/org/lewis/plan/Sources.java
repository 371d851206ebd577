package org.lewis.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lewis.checkpoint.AdaptedModel;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelFinder;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.StoredModel;
import org.lewis.document.Nearest;
import org.lewis.recipe.ModelReference;
import org.lewis.recipe.Recipe;
import org.lewis.tensor.ReadableTensor;
import org.lewis.tensor.Tensor;

/// The opened models of a recipe, base first if there is one, then the merged ones in the order of the recipe; for an
/// earlier stage, those that it is merged from.
public final class Sources implements AutoCloseable {

    /// @param tensors the model's own, or with an overlay applied
    private record Source(
            ModelReference reference,
            StoredModel model,
            Optional<Overlay> overlay,
            Map<String, ? extends ReadableTensor> tensors) {

        void close() {
            overlay.ifPresent(Overlay::close);
            model.close();
        }
    }

    private final List<Source> sources;

    private Sources(List<Source> sources) {
        this.sources = sources;
    }

    /// Opens every model of a recipe. Relative paths count from the working directory, else from the recipe's folder.
    ///
    /// @throws CheckpointException when a model is missing or damaged
    public static Sources open(Recipe recipe) throws IOException {
        Sources sources = new Sources(new ArrayList<>());
        ModelFinder finder = ModelFinder.beside(recipe.folder());
        try {
            for (ModelReference reference : recipe.inputs()) {
                ModelLocation location = locate(finder, reference, recipe);
                sources.add(
                        reference,
                        location.open(),
                        Optional.ofNullable(recipe.guided().overlays().get(reference)));
            }
            return sources;
        } catch (Throwable e) {
            sources.close();
            throw e;
        }
    }

    private void add(ModelReference reference, StoredModel model, Optional<Path> overlayFile) throws IOException {
        try {
            if (overlayFile.isEmpty()) {
                sources.add(new Source(reference, model, Optional.empty(), model.tensors()));
                return;
            }
            Overlay overlay = Overlay.open(overlayFile.get());
            try {
                Map<String, ? extends ReadableTensor> base = sources.isEmpty() ? model.tensors() : tensors(0);
                sources.add(new Source(reference, model, Optional.of(overlay), overlay.on(model.tensors(), base)));
            } catch (Throwable e) {
                overlay.close();
                throw e;
            }
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /// A name that is nowhere may be that of a stage, misspelt, or a tokenizer's that of a model.
    private static ModelLocation locate(ModelFinder finder, ModelReference reference, Recipe recipe)
            throws IOException {
        try {
            return finder.locate(reference.path(), reference.revision(), reference.adapter());
        } catch (CheckpointException e) {
            Set<String> stages = recipe.allStages().keySet();
            if (!stages.isEmpty()) {
                throw new CheckpointException(e.getMessage() + "; no stage has that name, either"
                        + Nearest.suggestion(reference.path(), stages));
            }
            List<ModelReference> merged = recipe.references();
            List<String> names = merged.stream().map(ModelReference::toString).toList();
            throw merged.contains(reference)
                    ? e
                    : new CheckpointException(e.getMessage() + "; no model of the recipe has that name, either"
                            + Nearest.suggestion(reference.toString(), names));
        }
    }

    /// Where a model of a recipe lies.
    ///
    /// @throws CheckpointException when no folder is found
    public static ModelLocation locate(ModelReference reference, Recipe recipe) throws IOException {
        return ModelFinder.beside(recipe.folder()).locate(reference.path(), reference.revision(), reference.adapter());
    }

    public int count() {
        return sources.size();
    }

    public ModelReference reference(int model) {
        return sources.get(model).reference();
    }

    /// The number of a model of the recipe.
    int indexOf(ModelReference reference) {
        return sources.stream().map(Source::reference).toList().indexOf(reference);
    }

    /// The model's folder, whose weights are those of the base where it is an adapter.
    public Checkpoint checkpoint(int model) {
        return sources.get(model).model().checkpoint();
    }

    /// Every file that the model's weights come from, with the bytes of its header.
    public Map<Path, byte[]> headers(int model) throws IOException {
        Map<Path, byte[]> headers =
                new LinkedHashMap<>(sources.get(model).model().headers());
        sources.get(model).overlay().ifPresent(overlay -> headers.put(overlay.file(), overlay.header()));
        return headers;
    }

    /// Whose tensor a job reads, for messages: a model as the recipe names it, or a stage.
    public String owner(TensorJob.Input input) {
        return switch (input) {
            case TensorJob.Source source -> reference(source.model()).toString();
            case TensorJob.Stage stage -> stage.name();
            case TensorJob.Rows rows -> owner(rows.tables().get(rows.model()));
        };
    }

    /// Bytes that a model's adapter holds; 0 for a model without one.
    long adapterBytes(int model) {
        return switch (sources.get(model).model()) {
            case Checkpoint _ -> 0;
            case AdaptedModel adapted -> adapted.adapterBytes();
        };
    }

    /// The model's tensors by name.
    public Map<String, ReadableTensor> tensors(int model) {
        return Collections.unmodifiableMap(sources.get(model).tensors());
    }

    /// @throws CheckpointException when the model has no such tensor
    public ReadableTensor tensor(TensorJob.Source source) throws CheckpointException {
        ReadableTensor tensor = tensors(source.model()).get(source.tensor());
        if (tensor == null) {
            throw new CheckpointException(reference(source.model()) + ": tensor " + source.tensor() + " is missing");
        }
        return tensor;
    }

    /// A tensor as its file holds it, without any adapter.
    ///
    /// @throws CheckpointException when the model has no such tensor
    public Tensor stored(TensorJob.Source source) throws CheckpointException {
        return checkpoint(source.model()).tensor(source.tensor());
    }

    /// Gives back the pages of all weights that this process holds; they can be read all the same.
    public void release() {
        sources.forEach(source -> source.model().checkpoint().release());
    }

    @Override
    public void close() {
        sources.forEach(Source::close);
    }
}
