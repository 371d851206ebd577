package org.lewis.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.lewis.document.Node;
import org.lewis.tensor.ReadableTensor;

/// A checkpoint with a LoRA adapter, which is applied while tensors are read.
public final class AdaptedModel implements StoredModel {

    private final Checkpoint checkpoint;
    private final Adapter adapter;
    private final Map<String, ReadableTensor> tensors;

    private AdaptedModel(Checkpoint checkpoint, Adapter adapter, Map<String, ReadableTensor> tensors) {
        this.checkpoint = checkpoint;
        this.adapter = adapter;
        this.tensors = tensors;
    }

    static AdaptedModel open(Path folder, Path adapterFolder) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(folder);
        try {
            Adapter adapter = Adapter.open(adapterFolder);
            try {
                return new AdaptedModel(checkpoint, adapter, adapter.applyTo(checkpoint));
            } catch (Throwable e) {
                adapter.close();
                throw e;
            }
        } catch (Throwable e) {
            checkpoint.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return checkpoint.folder() + "+" + adapter.folder();
    }

    @Override
    public Path folder() {
        return checkpoint.folder();
    }

    @Override
    public Node config() throws IOException {
        return checkpoint.config();
    }

    @Override
    public Map<String, ReadableTensor> tensors() {
        return tensors;
    }

    @Override
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /// Bytes of the adapter's weights.
    public long adapterBytes() {
        return adapter.bytes();
    }

    @Override
    public Map<Path, byte[]> headers() throws IOException {
        Map<Path, byte[]> headers = new LinkedHashMap<>(checkpoint.headers());
        headers.putAll(adapter.headers());
        return headers;
    }

    @Override
    public void close() {
        adapter.close();
        checkpoint.close();
    }
}
