package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.lewis.forward.Mutations.activation;
import static org.lewis.forward.Mutations.all;
import static org.lewis.forward.Mutations.attention;
import static org.lewis.forward.Mutations.blocks;
import static org.lewis.forward.Mutations.feedForward;
import static org.lewis.forward.Mutations.mutation;
import static org.lewis.forward.Mutations.norms;
import static org.lewis.forward.Mutations.rotary;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.model.Decoder;
import org.lewis.model.Decoder.Activation;
import org.lewis.model.Decoder.FeedForward;
import org.lewis.model.Decoder.Norm;
import org.lewis.model.Decoder.Pairing;
import org.lewis.model.Decoder.Position;
import org.lewis.model.Decoder.Position.Rotary;
import org.lewis.model.Decoder.QkNorm;
import org.lewis.model.Scaling;

/// Proof that the goldens can fail: a description with one fact wrong breaks exactly the families that rest on it.
final class FactMutationTest {

    private static final Set<String> WINDOWED = Set.of("gemma2", "gemma3_text", "mistral");

    static Stream<Arguments> mutations() {
        return Stream.of(
                mutation("a window one too wide", attention(a -> a.seeing(wider(a.window()))), WINDOWED),
                mutation(
                        "no soft cap on scores",
                        attention(a -> a.scoring(a.scale(), Double.POSITIVE_INFINITY)),
                        "gemma2"),
                mutation(
                        "scores scaled by the head's width",
                        attention(a -> a.scoring(1 / Math.sqrt(a.heads().width()), a.softcap())),
                        "gemma2",
                        "gemma3_text",
                        "granite"),
                mutation(
                        "no norms on queries and keys",
                        attention(a -> a.with(QkNorm.NONE)),
                        "gemma3_text",
                        "olmo2",
                        "qwen3",
                        "qwen3_moe"),
                mutation(
                        "the other pairing of features",
                        rotary(r -> new Rotary(
                                r.theta(),
                                r.width(),
                                r.scaling(),
                                r.pairing() == Pairing.HALVES ? Pairing.NEIGHBOURS : Pairing.HALVES)),
                        all("bloom", "gpt2", "opt", "stablelm", "gpt_neox")),
                mutation(
                        "no scaling of rotations",
                        rotary(r -> new Rotary(r.theta(), r.width(), new Scaling.None(), r.pairing())),
                        "llama3_rope"),
                mutation(
                        "whole heads turned",
                        attention(a -> a.position() instanceof Rotary r
                                ? a.with(new Rotary(r.theta(), a.heads().width(), r.scaling(), r.pairing()))
                                : a),
                        "gpt_neox",
                        "phi",
                        "stablelm"),
                mutation(
                        "no distances",
                        attention(a -> a.position() instanceof Position.Alibi ? a.with(new Position.None()) : a),
                        "bloom"),
                mutation(
                        "embeddings as they are",
                        FactMutationTest::unscaled,
                        "gemma",
                        "gemma2",
                        "gemma3_text",
                        "granite"),
                mutation(
                        "branches in sequence",
                        blocks(b -> new Decoder.Block(Decoder.Residual.SEQUENTIAL, b.attention(), b.feedForward())),
                        "cohere",
                        "falcon",
                        "gpt_neox",
                        "phi"),
                mutation(
                        "branches at full strength",
                        blocks(b -> new Decoder.Block(
                                b.residual(),
                                b.attention().scaled(1),
                                b.feedForward().scaled(1))),
                        "granite"),
                mutation(
                        "no norm after the work",
                        blocks(b -> new Decoder.Block(
                                b.residual(), withoutAfter(b.attention()), withoutAfter(b.feedForward()))),
                        "gemma2",
                        "gemma3_text",
                        "olmo2"),
                mutation(
                        "the exact activation for its approximation",
                        activation(Activation.GELU_TANH, Activation.GELU),
                        "bloom",
                        "gemma",
                        "gemma2",
                        "gemma3_text",
                        "gpt2",
                        "phi",
                        "starcoder2"),
                mutation(
                        "experts' shares left as they are",
                        feedForward(f -> f instanceof FeedForward.Experts e
                                ? new FeedForward.Experts(e.router(), e.experts(), e.chosen(), false)
                                : f),
                        "mixtral"),
                mutation(
                        "experts' shares summing to one",
                        feedForward(f -> f instanceof FeedForward.Experts e
                                ? new FeedForward.Experts(e.router(), e.experts(), e.chosen(), true)
                                : f),
                        "qwen3_moe"),
                mutation("logits as they are", d -> d.with(d.head().scaled(1)), "cohere", "granite"),
                mutation("positions from the table's first row", FactMutationTest::fromFirstRow, "opt"),
                mutation(
                        "norms' weights as they are stored",
                        norms(n -> n instanceof Norm.Rms r ? new Norm.Rms(r.weight(), r.width(), r.eps(), 0) : n),
                        "gemma",
                        "gemma2",
                        "gemma3_text"),
                mutation("no norm of embeddings", FactMutationTest::unnormed, "bloom"),
                mutation("no soft cap on logits", FactMutationTest::uncapped, "gemma2"),
                mutation(
                        "rotations with another base",
                        rotary(r -> new Rotary(2 * r.theta(), r.width(), r.scaling(), r.pairing())),
                        all("bloom", "gpt2", "opt", "stablelm", "gpt_neox")),
                mutation(
                        "one expert fewer",
                        feedForward(f -> f instanceof FeedForward.Experts e
                                ? new FeedForward.Experts(e.router(), e.experts(), e.chosen() - 1, e.renormalized())
                                : f),
                        "mixtral",
                        "qwen3_moe"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutations")
    void breaksExactlyTheFamiliesThatRestOnTheFact(String name, UnaryOperator<Decoder> mutation, Set<String> expected)
            throws IOException {
        assertThat(Mutations.broken(mutation)).isEqualTo(new TreeSet<>(expected));
    }

    private static int wider(int window) {
        return window == Integer.MAX_VALUE ? window : window + 1;
    }

    private static Decoder.Branch withoutAfter(Decoder.Branch b) {
        return new Decoder.Branch(b.before(), b.work(), Norm.NONE, b.outside(), b.scale());
    }

    private static Decoder unscaled(Decoder d) {
        Decoder.Embedding e = d.embedding();
        return withEmbedding(d, new Decoder.Embedding(e.tokens(), 1, e.positions(), e.norm(), e.lift()));
    }

    private static Decoder unnormed(Decoder d) {
        Decoder.Embedding e = d.embedding();
        return withEmbedding(d, new Decoder.Embedding(e.tokens(), e.scale(), e.positions(), Norm.NONE, e.lift()));
    }

    private static Decoder uncapped(Decoder d) {
        return d.with(
                switch (d.head()) {
                    case Decoder.Head.Own o -> new Decoder.Head.Own(o.linear(), o.scale(), Double.POSITIVE_INFINITY);
                    case Decoder.Head.Tied t ->
                        new Decoder.Head.Tied(t.tokens(), t.lower(), t.copy(), t.scale(), Double.POSITIVE_INFINITY);
                });
    }

    private static Decoder fromFirstRow(Decoder d) {
        Decoder.Embedding e = d.embedding();
        return withEmbedding(
                d,
                new Decoder.Embedding(
                        e.tokens(),
                        e.scale(),
                        e.positions().map(positions -> new Decoder.Positions(positions.table(), 0)),
                        e.norm(),
                        e.lift()));
    }

    private static Decoder withEmbedding(Decoder d, Decoder.Embedding embedding) {
        return new Decoder(embedding, d.blocks(), d.finalNorm(), d.head(), d.context());
    }
}
