package org.lewis.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lewis.checkpoint.Checkpoint;
import org.lewis.model.Decoder;
import org.lewis.model.Decoder.FeedForward;
import org.lewis.model.Decoder.Norm;

/// Where tensors are. In place of a GPU stands the library's device without memory, on which operations only find out
/// shapes: whatever of a pass were left on the CPU would meet tensors of another device.
final class DeviceTest {

    private static final Placement ELSEWHERE = new Placement(ScalarType.Float, DeviceType.Meta);

    private static final int ROWS = 2;
    private static final int TOKENS = 9;

    @Test
    void theCpuIsAlwaysThere() {
        assertThatCode(Device.CPU::require).doesNotThrowAnyException();
    }

    @Test
    void aBuildWithoutGpusNamesTheOneThatHasThem() {
        assertThatThrownBy(() -> Device.requireCuda(false, false))
                .isInstanceOf(DeviceException.class)
                .hasMessage(
                        "this build of Lewis computes on the CPU only; with LEWIS_CUDA=1 in the environment, ./lewis"
                                + " builds and runs one for NVIDIA GPUs (an 850 MB download)");
    }

    @Test
    void aMachineWithoutGpuIsToldWhatIsMissing() {
        assertThatThrownBy(() -> Device.requireCuda(true, false))
                .isInstanceOf(DeviceException.class)
                .hasMessage("no CUDA device is found; nvidia-smi must list one, with a driver for CUDA 13.1 or newer;"
                        + " leave --device out to compute on the CPU");
        assertThatCode(() -> Device.requireCuda(true, true)).doesNotThrowAnyException();
    }

    @Test
    void tensorsOfAnotherDeviceDoNotMix() {
        try (Torch.Session _ = Torch.enter()) {
            Tensor here = Torch.floats(new float[] {1, 2}, 2);
            Tensor there = ELSEWHERE.convert(here);
            assertThat(there.is_meta()).isTrue();
            assertThatThrownBy(() -> there.mul(here)).isInstanceOf(RuntimeException.class);
            assertThat(there.mul(ELSEWHERE.place(here)).is_meta()).isTrue();
        }
    }

    static Stream<String> families() throws IOException {
        return Golden.families();
    }

    @ParameterizedTest
    @MethodSource("families")
    void allOfAPassIsOnTheDevice(String family) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.open(Golden.root().resolve(family))) {
            Decoder decoder = shapely(LanguageModel.describe(checkpoint));
            try (Torch.Session _ = Torch.enter();
                    Parts parts = Parts.together(checkpoint, decoder, ELSEWHERE);
                    KeyValueCache cache = new KeyValueCache(decoder, ROWS, TOKENS + 1, ELSEWHERE)) {
                int[] padding = {0, 3};
                run(decoder, parts, cache, new Pass(ROWS, TOKENS, 0, padding, ELSEWHERE));
                run(decoder, parts, cache, new Pass(ROWS, 1, TOKENS, padding, ELSEWHERE));
                Weights weights = parts.open(decoder.slots()).weights();
                assertThat(weights.names()).allMatch(name -> weights.get(name).is_meta());
            }
        }
    }

    /// Without what needs memory: layer norms and ReLU are left out, the first expert runs instead of those that
    /// numbers choose, and a soft cap makes attention run as single operations.
    private static Decoder shapely(Decoder d) {
        Decoder.Embedding e = d.embedding();
        return new Decoder(
                new Decoder.Embedding(e.tokens(), e.scale(), e.positions(), shapely(e.norm()), e.lift()),
                d.blocks().stream()
                        .map(b -> new Decoder.Block(b.residual(), shapely(b.attention()), shapely(b.feedForward())))
                        .toList(),
                shapely(d.finalNorm()),
                d.head(),
                d.context());
    }

    private static Decoder.Branch shapely(Decoder.Branch b) {
        Decoder.Work work = switch (b.work()) {
            case FeedForward.Experts experts -> experts.experts().getFirst();
            case Decoder.Attention a -> {
                Decoder.QkNorm norms = a.qkNorm();
                yield a.with(new Decoder.QkNorm(shapely(norms.query()), shapely(norms.key()), norms.span()))
                        .scoring(a.scale(), 50);
            }
            case FeedForward.Plain p -> new FeedForward.Plain(p.up(), p.down(), Decoder.Activation.GELU);
            case FeedForward other -> other;
        };
        return new Decoder.Branch(shapely(b.before()), work, shapely(b.after()), shapely(b.outside()), b.scale());
    }

    private static Norm shapely(Norm norm) {
        return norm instanceof Norm.Layer ? Norm.NONE : norm;
    }

    private static void run(Decoder decoder, Parts parts, KeyValueCache cache, Pass pass) throws IOException {
        Tap tap = (linear, input, output) -> {
            assertThat(List.of(input.is_meta(), output.is_meta()))
                    .as(linear.weight())
                    .containsOnly(true);
        };
        Batch batch = new Batch(new int[ROWS * pass.tokens()], pass, Optional.of(cache));
        new Passes(decoder, parts, Resources.standard(), 1).run(List.of(batch), tap, (_, stream, head) -> {
            Tensor logits = head.apply(stream);
            assertThat(logits.is_meta()).isTrue();
            assertThat(logits.size(-1)).isEqualTo(decoder.vocabulary());
        });
    }
}
