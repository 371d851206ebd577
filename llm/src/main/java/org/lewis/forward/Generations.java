package org.lewis.forward;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Continues batches of prompts, one after the other; or where weights are read block by block, as many as memory
/// allows take each step together.
record Generations(Passes passes) {

    /// @param continued hears of the batches in their order
    void of(List<Continuation> batches, LanguageModel.Continued continued) throws IOException {
        for (Continuation batch : batches) {
            Sequences.check(passes.decoder(), batch.prompts(), batch.limits().maxNewTokens());
        }
        for (int from = 0; from < batches.size(); ) {
            int start = from;
            long tokens = 0;
            do {
                tokens += tokens(batches.get(from++));
            } while (passes.parts().areApart()
                    && from < batches.size()
                    && tokens + tokens(batches.get(from)) <= tokensAtOnce());
            List<Generated> together = together(batches.subList(start, from));
            for (int i = 0; i < together.size(); i++) {
                continued.accept(start + i, together.get(i));
            }
        }
    }

    /// Tokens whose keys and values fit into memory.
    long tokensAtOnce() {
        return passes.resources().besides(passes.weightBytes())
                / KeyValueCache.bytesOfToken(passes.decoder(), passes.parts().placement());
    }

    private static long tokens(Continuation batch) {
        int longest = batch.prompts().stream().mapToInt(ids -> ids.length).max().orElse(0);
        return (long) batch.prompts().size() * (longest + batch.limits().maxNewTokens());
    }

    private List<Generated> together(List<Continuation> batches) throws IOException {
        List<Generation> all = new ArrayList<>();
        try (Torch.Session _ = Torch.enter()) {
            for (Continuation batch : batches) {
                all.add(new Generation(passes.decoder(), passes.parts().placement(), batch));
            }
            List<Generation> growing = growing(all);
            while (!growing.isEmpty()) {
                step(growing);
                growing = growing(growing);
            }
            return all.stream().map(Generation::result).toList();
        } finally {
            all.forEach(Generation::close);
        }
    }

    private static List<Generation> growing(List<Generation> generations) {
        return generations.stream().filter(Generation::isGrowing).toList();
    }

    private void step(List<Generation> growing) throws IOException {
        long start = System.nanoTime();
        passes.run(growing.stream().map(Generation::next).toList(), Tap.NONE, (i, stream, head) -> {
            Tensor last = stream.select(1, stream.size(1) - 1);
            growing.get(i).choose(head.apply(last));
        });
        long share = (System.nanoTime() - start) / growing.size();
        growing.forEach(generation -> generation.took(share));
    }
}
