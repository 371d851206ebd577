package org.lewis.forward;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.model.Decoder;
import org.lewis.model.Slot;

/// Where a model's parts get their weights from: all are there for as long as this is open, or only those of the
/// part at work. Either way a part computes the same numbers.
final class Parts implements AutoCloseable {

    /// The weights of a part at work.
    record Part(Weights weights, boolean stays) implements AutoCloseable {
        @Override
        public void close() {
            if (!stays) {
                weights.close();
            }
        }
    }

    private final ReadableModel model;
    private final Placement placement;
    private final Optional<Weights> all;

    private Parts(ReadableModel model, Placement placement, Optional<Weights> all) {
        this.model = model;
        this.placement = placement;
        this.all = all;
    }

    /// Everything at once; what is not stored is computed now.
    static Parts together(ReadableModel model, Decoder decoder, Placement placement) {
        Weights weights = Weights.computed(model, decoder.slots(), placement);
        // What stays is made before anything that goes: small things that stay between large ones that go would leave
        // holes
        // in the memory, more with each block.
        try (Torch.Session _ = Torch.enter()) {
            Stream.of(
                            decoder.blocks().stream().flatMap(block -> block.slots().stream()),
                            decoder.finalNorm().slots().stream(),
                            decoder.head().slots().stream())
                    .flatMap(slots -> slots)
                    .forEach(slot -> weights.get(slot.tensor()));
            return new Parts(model, placement, Optional.of(weights));
        } catch (Throwable e) {
            weights.close();
            throw e;
        }
    }

    /// One after the other, as often as they are asked for.
    static Parts apart(ReadableModel model, Placement placement) {
        return new Parts(model, placement, Optional.empty());
    }

    Placement placement() {
        return placement;
    }

    /// Whether weights leave the memory when their part is done.
    boolean areApart() {
        return all.isEmpty();
    }

    /// The weights of a part, with everything computed that is not stored.
    Part open(List<Slot> slots) {
        return all.map(weights -> new Part(weights, true))
                .orElseGet(() -> new Part(Weights.computed(model, slots, placement), false));
    }

    /// The same, where each weight is computed when it is first asked for.
    Part openLazily(List<Slot> slots) {
        return all.map(weights -> new Part(weights, true))
                .orElseGet(() -> new Part(new Weights(model, slots, placement), false));
    }

    @Override
    public void close() {
        all.ifPresent(Weights::close);
    }
}
