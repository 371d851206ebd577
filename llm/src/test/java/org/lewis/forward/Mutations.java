package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.provider.Arguments;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.model.Decoder;
import org.lewis.model.Decoder.Attention;
import org.lewis.model.Decoder.FeedForward;
import org.lewis.model.Decoder.Linear;
import org.lewis.model.Decoder.Norm;
import org.lewis.model.Decoder.Position.Rotary;
import org.lewis.model.Decoder.QkNorm;
import org.lewis.model.Decoder.Qkv;

/// Descriptions with a fact wrong, and what they do to the goldens.
final class Mutations {

    /// Above the error of a right description, 8.5e-7, and below what any mutation does, 8.2e-6.
    private static final double BROKEN = 4e-6;

    private Mutations() {}

    static Arguments mutation(String name, UnaryOperator<Decoder> mutation, String... expected) {
        return Arguments.of(name, mutation, Set.of(expected));
    }

    static Arguments mutation(String name, UnaryOperator<Decoder> mutation, Set<String> expected) {
        return Arguments.of(name, mutation, expected);
    }

    /// The families whose logits are other ones than the reference's. Wrong shapes count too: nothing can be computed.
    static Set<String> broken(UnaryOperator<Decoder> mutation) throws IOException {
        Set<String> broken = new TreeSet<>();
        for (String family : Golden.families().toList()) {
            if (error(Golden.read(family), mutation) > BROKEN) {
                broken.add(family);
            }
        }
        return broken;
    }

    private static double error(Golden golden, UnaryOperator<Decoder> mutation) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(golden.folder());
                LanguageModel model = Golden.model(
                        checkpoint, mutation.apply(LanguageModel.describe(checkpoint)), LanguageModel.LOGITS_AT_ONCE);
                Arena arena = Arena.ofConfined()) {
            return Golden.error(model.logits(golden.ids(), arena).floats(), golden.logits());
        } catch (RuntimeException e) {
            assertThat(e).hasMessageMatching("(?s).*(size|shape|dimension).*");
            return Double.POSITIVE_INFINITY;
        }
    }

    static Set<String> all(String... but) {
        try {
            Set<String> families = new TreeSet<>(Golden.families().toList());
            families.removeAll(List.of(but));
            return families;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static UnaryOperator<Decoder> blocks(UnaryOperator<Decoder.Block> change) {
        return d -> new Decoder(
                d.embedding(), d.blocks().stream().map(change).toList(), d.finalNorm(), d.head(), d.context());
    }

    static UnaryOperator<Decoder> norms(UnaryOperator<Norm> change) {
        UnaryOperator<Decoder> inBlocks = blocks(b ->
                new Decoder.Block(b.residual(), withNorms(b.attention(), change), withNorms(b.feedForward(), change)));
        UnaryOperator<Decoder> ofHeads = attention(a -> a.with(new QkNorm(
                change.apply(a.qkNorm().query()),
                change.apply(a.qkNorm().key()),
                a.qkNorm().span())));
        return d -> {
            Decoder changed = ofHeads.apply(inBlocks.apply(d));
            return new Decoder(
                    changed.embedding(),
                    changed.blocks(),
                    change.apply(changed.finalNorm()),
                    changed.head(),
                    changed.context());
        };
    }

    private static Decoder.Branch withNorms(Decoder.Branch b, UnaryOperator<Norm> change) {
        return new Decoder.Branch(
                change.apply(b.before()), b.work(), change.apply(b.after()), change.apply(b.outside()), b.scale());
    }

    static UnaryOperator<Decoder> attention(UnaryOperator<Attention> change) {
        return blocks(b -> new Decoder.Block(
                b.residual(),
                withWork(b.attention(), change.apply((Attention) b.attention().work())),
                b.feedForward()));
    }

    static UnaryOperator<Decoder> rotary(UnaryOperator<Rotary> change) {
        return attention(a -> a.position() instanceof Rotary rotary ? a.with(change.apply(rotary)) : a);
    }

    static UnaryOperator<Decoder> feedForward(UnaryOperator<FeedForward> change) {
        return blocks(b ->
                new Decoder.Block(b.residual(), b.attention(), withWork(b.feedForward(), change.apply((FeedForward)
                        b.feedForward().work()))));
    }

    private static Decoder.Branch withWork(Decoder.Branch b, Decoder.Work work) {
        return new Decoder.Branch(b.before(), work, b.after(), b.outside(), b.scale());
    }

    /// Changes the linears of all blocks.
    static UnaryOperator<Decoder> linears(UnaryOperator<Linear> change) {
        UnaryOperator<Decoder> ofAttention = attention(a -> {
            Qkv qkv = switch (a.qkv()) {
                case Qkv.Split(var q, var k, var v) -> new Qkv.Split(change.apply(q), change.apply(k), change.apply(v));
                case Qkv.Stacked(var all) -> new Qkv.Stacked(change.apply(all));
                case Qkv.Grouped(var all) -> new Qkv.Grouped(change.apply(all));
            };
            return withProjections(a, qkv, change.apply(a.out()));
        });
        UnaryOperator<Decoder> ofFeedForward = feedForward(f -> withLinears(f, change));
        return d -> ofFeedForward.apply(ofAttention.apply(d));
    }

    static Attention withProjections(Attention a, Qkv qkv, Linear out) {
        return new Attention(qkv, out, a.heads(), a.qkNorm(), a.position(), a.window(), a.scale(), a.softcap());
    }

    private static FeedForward withLinears(FeedForward work, UnaryOperator<Linear> change) {
        return switch (work) {
            case FeedForward.Plain(var up, var down, var activation) ->
                new FeedForward.Plain(change.apply(up), change.apply(down), activation);
            case FeedForward.Gated(var gate, var up, var down, var activation) ->
                new FeedForward.Gated(change.apply(gate), change.apply(up), change.apply(down), activation);
            case FeedForward.GatedStacked(var gateUp, var down, var activation) ->
                new FeedForward.GatedStacked(change.apply(gateUp), change.apply(down), activation);
            case FeedForward.Experts(var router, var experts, int chosen, boolean renormalized) ->
                new FeedForward.Experts(
                        change.apply(router),
                        experts.stream()
                                .map(expert -> withLinears(expert, change))
                                .toList(),
                        chosen,
                        renormalized);
        };
    }

    /// Changes an activation wherever it is.
    static UnaryOperator<Decoder> activation(Decoder.Activation from, Decoder.Activation to) {
        return feedForward(f -> withActivation(f, from, to));
    }

    private static FeedForward withActivation(FeedForward work, Decoder.Activation from, Decoder.Activation to) {
        return switch (work) {
            case FeedForward.Plain(var up, var down, var activation) ->
                new FeedForward.Plain(up, down, activation == from ? to : activation);
            case FeedForward.Gated(var gate, var up, var down, var activation) ->
                new FeedForward.Gated(gate, up, down, activation == from ? to : activation);
            case FeedForward.GatedStacked(var gateUp, var down, var activation) ->
                new FeedForward.GatedStacked(gateUp, down, activation == from ? to : activation);
            case FeedForward.Experts(var router, var experts, int chosen, boolean renormalized) ->
                new FeedForward.Experts(
                        router,
                        experts.stream()
                                .map(expert -> withActivation(expert, from, to))
                                .toList(),
                        chosen,
                        renormalized);
        };
    }
}
