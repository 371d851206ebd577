package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.lewis.forward.Mutations.activation;
import static org.lewis.forward.Mutations.all;
import static org.lewis.forward.Mutations.attention;
import static org.lewis.forward.Mutations.blocks;
import static org.lewis.forward.Mutations.feedForward;
import static org.lewis.forward.Mutations.linears;
import static org.lewis.forward.Mutations.mutation;
import static org.lewis.forward.Mutations.norms;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.model.Decoder;
import org.lewis.model.Decoder.Activation;
import org.lewis.model.Decoder.Attention;
import org.lewis.model.Decoder.FeedForward;
import org.lewis.model.Decoder.Linear;
import org.lewis.model.Decoder.Norm;
import org.lewis.model.Decoder.Position;
import org.lewis.model.Decoder.QkNorm;
import org.lewis.model.Decoder.Qkv;

/// The same of which tensor is which, where norms stand, and what differs from layer to layer.
final class WiringMutationTest {

    private static final String[] STACKED = {"bloom", "falcon", "gpt2", "gpt_neox", "phi3"};
    private static final String[] LAYER_NORMS = {
        "bloom", "cohere", "falcon", "gpt2", "gpt_neox", "opt", "phi", "stablelm", "starcoder2"
    };

    private static final Set<String> GATED =
            all("bloom", "falcon", "gpt2", "gpt_neox", "opt", "phi", "phi3", "starcoder2");
    private static final Set<String> SILU =
            all("bloom", "falcon", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neox", "opt", "phi", "starcoder2");

    static Stream<Arguments> mutations() {
        return Stream.of(
                mutation(
                        "norms of queries and keys over the other span",
                        attention(a -> a.with(new QkNorm(
                                a.qkNorm().query(),
                                a.qkNorm().key(),
                                other(a.qkNorm().span())))),
                        "gemma3_text",
                        "olmo2",
                        "qwen3",
                        "qwen3_moe"),
                mutation(
                        "no norm before the work",
                        blocks(b -> new Decoder.Block(
                                b.residual(), withoutBefore(b.attention()), withoutBefore(b.feedForward()))),
                        all("olmo2")),
                mutation(
                        "norms after the sum",
                        blocks(WiringMutationTest::sandwiched),
                        "gemma2",
                        "gemma3_text",
                        "olmo2"),
                mutation(
                        "no norm before the head",
                        d -> new Decoder(d.embedding(), d.blocks(), Norm.NONE, d.head(), d.context()),
                        all()),
                mutation("norms with another eps", norms(WiringMutationTest::withOtherEps), all()),
                mutation("means left in", norms(WiringMutationTest::withMean), LAYER_NORMS),
                mutation(
                        "norms without their biases",
                        norms(n -> n instanceof Norm.Layer l
                                ? new Norm.Layer(l.weight(), Optional.empty(), l.width(), l.eps())
                                : n),
                        Stream.of(LAYER_NORMS)
                                .filter(family -> !family.equals("cohere"))
                                .toArray(String[]::new)),
                mutation(
                        "linears without their biases",
                        linears(l -> new Linear(l.weight(), Optional.empty(), l.in(), l.out(), l.layout())),
                        "bloom",
                        "gpt2",
                        "gpt_neox",
                        "opt",
                        "phi",
                        "qwen2",
                        "stablelm",
                        "starcoder2"),
                mutation(
                        "weights as [out, in]",
                        linears(l -> new Linear(l.weight(), l.bias(), l.in(), l.out(), Linear.Layout.OUT_IN)),
                        "gpt2"),
                mutation(
                        "weights as [in, out]",
                        linears(l -> new Linear(l.weight(), l.bias(), l.in(), l.out(), Linear.Layout.IN_OUT)),
                        all("gpt2")),
                mutation(
                        "heads side by side for heads by kind, and the reverse",
                        attention(WiringMutationTest::regrouped),
                        "bloom",
                        "gpt2",
                        "gpt_neox",
                        "phi3"), // with one key head, as falcon has, both are the same
                mutation("keys and values exchanged", attention(WiringMutationTest::exchanged), all(STACKED)),
                mutation("gates and values exchanged", feedForward(WiringMutationTest::ungated), GATED),
                mutation("the first layer's window everywhere", seeingAlike(), "gemma2"),
                mutation("GELU for SILU", activation(Activation.SILU, Activation.GELU), SILU),
                mutation(
                        "the approximation for GELU",
                        activation(Activation.GELU, Activation.GELU_TANH),
                        "falcon",
                        "gpt_neox"),
                mutation("GELU for RELU", activation(Activation.RELU, Activation.GELU), "opt"),
                mutation(
                        "distances that count twice",
                        attention(a -> a.position() instanceof Position.Alibi(double strength)
                                ? a.with(new Position.Alibi(2 * strength))
                                : a),
                        "bloom"),
                mutation("no learned positions", WiringMutationTest::unplaced, "gpt2", "opt"),
                mutation(
                        "branches side by side",
                        blocks(b -> new Decoder.Block(Decoder.Residual.PARALLEL, b.attention(), b.feedForward())),
                        all("cohere", "falcon", "gpt_neox", "phi")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutations")
    void breaksExactlyTheFamiliesThatRestOnTheFact(String name, UnaryOperator<Decoder> mutation, Set<String> expected)
            throws IOException {
        assertThat(Mutations.broken(mutation)).isEqualTo(new TreeSet<>(expected));
    }

    private static QkNorm.Span other(QkNorm.Span span) {
        return span == QkNorm.Span.HEAD ? QkNorm.Span.ALL_HEADS : QkNorm.Span.HEAD;
    }

    private static Decoder.Branch withoutBefore(Decoder.Branch b) {
        return new Decoder.Branch(Norm.NONE, b.work(), b.after(), b.outside(), b.scale());
    }

    private static Decoder.Block sandwiched(Decoder.Block b) {
        return new Decoder.Block(b.residual(), sandwiched(b.attention()), sandwiched(b.feedForward()));
    }

    private static Decoder.Branch sandwiched(Decoder.Branch b) {
        return new Decoder.Branch(b.before(), b.work(), Norm.NONE, b.after(), b.scale());
    }

    private static Norm withOtherEps(Norm norm) {
        return switch (norm) {
            case Norm.None _ -> norm;
            case Norm.Rms(var weight, int width, double eps, double shift) ->
                new Norm.Rms(weight, width, 10 * eps, shift);
            case Norm.Layer(var weight, var bias, int width, double eps) ->
                new Norm.Layer(weight, bias, width, 10 * eps);
        };
    }

    private static Norm withMean(Norm norm) {
        return norm instanceof Norm.Layer l ? new Norm.Rms(l.weight(), l.width(), l.eps(), 0) : norm;
    }

    private static Attention regrouped(Attention a) {
        return switch (a.qkv()) {
            case Qkv.Split _ -> a;
            case Qkv.Stacked(var all) -> Mutations.withProjections(a, new Qkv.Grouped(all), a.out());
            case Qkv.Grouped(var all) -> Mutations.withProjections(a, new Qkv.Stacked(all), a.out());
        };
    }

    private static Attention exchanged(Attention a) {
        return a.qkv() instanceof Qkv.Split(var query, var key, var value)
                ? Mutations.withProjections(a, new Qkv.Split(query, value, key), a.out())
                : a;
    }

    private static FeedForward ungated(FeedForward work) {
        return switch (work) {
            case FeedForward.Gated(var gate, var up, var down, var activation) ->
                new FeedForward.Gated(up, gate, down, activation);
            case FeedForward.Experts e ->
                new FeedForward.Experts(
                        e.router(),
                        e.experts().stream().map(WiringMutationTest::ungated).toList(),
                        e.chosen(),
                        e.renormalized());
            case FeedForward.Plain _, FeedForward.GatedStacked _ -> work;
        };
    }

    private static UnaryOperator<Decoder> seeingAlike() {
        return d -> attention(a -> a.seeing(first(d).window())).apply(d);
    }

    private static Attention first(Decoder d) {
        return (Attention) d.blocks().getFirst().attention().work();
    }

    private static Decoder unplaced(Decoder d) {
        Decoder.Embedding e = d.embedding();
        Decoder.Embedding unplaced = new Decoder.Embedding(e.tokens(), e.scale(), Optional.empty(), e.norm(), e.lift());
        return new Decoder(unplaced, d.blocks(), d.finalNorm(), d.head(), d.context());
    }
}
