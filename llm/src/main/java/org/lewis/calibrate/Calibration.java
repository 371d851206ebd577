package org.lewis.calibrate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.forward.BlockStream;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.forward.Tap;
import org.lewis.forward.Tensors;
import org.lewis.forward.TokenIdsException;
import org.lewis.forward.Weights;
import org.lewis.model.Decoder;

/// How sequences run through a model, one block in memory at a time, while statistics of its linears are gathered.
///
/// @param precision     what the model computes in
/// @param sparsityRatio share of each block's weights that Wanda prunes once the block's statistics are taken, so that
///                      later blocks see the activations of pruned ones; 0 for none
/// @param gram          what is kept of the products of inputs
/// @param resources     what the pass computes on, and what memory it may use
public record Calibration(Precision precision, double sparsityRatio, PackInfo.Gram gram, Resources resources) {

    public Calibration {
        if (!(sparsityRatio >= 0 && sparsityRatio < 1)) {
            throw new IllegalArgumentException("a sparsity ratio must be in [0, 1), found " + sparsityRatio);
        }
    }

    /// Without pruning and Gram matrices.
    public static Calibration in(Precision precision) {
        return new Calibration(precision, 0, PackInfo.Gram.DIAGONAL, Resources.standard());
    }

    public Calibration pruning(double ratio) {
        return new Calibration(precision, ratio, gram, resources);
    }

    /// Gathers statistics, without Gram matrices.
    ///
    /// @throws CheckpointException when the model cannot take the ids, or computes NaN or infinities from them
    public Pack run(ModelLocation location, CalibrationText text, BlockStream.Progress progress) throws IOException {
        Calibration diagonal = new Calibration(precision, sparsityRatio, PackInfo.Gram.DIAGONAL, resources);
        try (ReadableModel model = location.open()) {
            Decoder decoder = LanguageModel.describe(model);
            PackInfo info = PackInfo.of(ModelHash.of(model), diagonal, text);
            return diagonal.run(model, decoder, info, text, Optional.empty(), progress);
        }
    }

    /// Gathers statistics into a file.
    ///
    /// @throws CheckpointException likewise
    public Pack run(ModelLocation location, CalibrationText text, Path target, BlockStream.Progress progress)
            throws IOException {
        try (ReadableModel model = location.open()) {
            Decoder decoder = LanguageModel.describe(model);
            PackInfo info = PackInfo.of(ModelHash.of(model), this, text);
            try (PackWriter writer = PackWriter.create(target, info, decoder)) {
                Pack pack = run(model, decoder, info, text, Optional.of(writer), progress);
                writer.finish(pack);
                return pack;
            }
        }
    }

    private Pack run(
            ReadableModel model,
            Decoder decoder,
            PackInfo info,
            CalibrationText text,
            Optional<PackWriter> writer,
            BlockStream.Progress progress)
            throws IOException {
        try (Collector collector = new Collector(text.sequences().size(), gram, resources.device())) {
            BlockStream.Visitor visitor = new BlockStream.Visitor() {
                @Override
                public Tap tap(int block, int sequence) {
                    if (sequence == 0) {
                        collector.enter(decoder.blocks().get(block));
                    }
                    return collector.tap();
                }

                @Override
                public void passed(int block, int sequence) {
                    collector.passed();
                }

                @Override
                public boolean isConcurrent() {
                    return collector.isConcurrent();
                }

                @Override
                public boolean afterBlock(int block, Weights weights) throws IOException {
                    collector.weigh(decoder.blocks().get(block), weights);
                    for (Map.Entry<String, GramMatrix> gram : collector.grams().entrySet()) {
                        writer.orElseThrow()
                                .gram(
                                        gram.getKey(),
                                        0,
                                        Tensors.memory(gram.getValue().matrix()));
                    }
                    collector.leave();
                    if (sparsityRatio > 0) {
                        new WandaPruning(sparsityRatio).prune(decoder.blocks().get(block), weights, collector);
                    }
                    return sparsityRatio > 0;
                }

                @Override
                public boolean mayChange() {
                    return sparsityRatio > 0;
                }
            };
            BlockStream.run(model, decoder, precision, text.sequences(), resources, visitor, progress);
            return new Pack(info, collector.finish());
        } catch (TokenIdsException | CheckpointException e) {
            throw new CheckpointException(model.name() + ": " + e.getMessage());
        }
    }
}
