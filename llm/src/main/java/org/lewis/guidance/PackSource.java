package org.lewis.guidance;

import java.io.IOException;
import java.nio.file.Path;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.CalibrationText;
import org.lewis.calibrate.ModelHash;
import org.lewis.calibrate.Pack;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;

/// Where a model's pack comes from: a file that fits the model, or a pass that can start. Whatever is wrong with either
/// is told when they are made, before any model runs.
sealed interface PackSource {

    ModelLocation model();

    /// [CalibrationText#idsHash]
    String idsHash();

    /// [CalibrationText#textHash]
    String textHash();

    /// A pack that the user has.
    record Given(ModelLocation model, Pack pack) implements PackSource {
        @Override
        public String idsHash() {
            return pack.info().idsHash();
        }

        @Override
        public String textHash() {
            return pack.info().textHash();
        }
    }

    /// A pass to make, unless the cache has its pack.
    record Pass(ModelLocation model, Calibration calibration, CalibrationText text) implements PackSource {
        @Override
        public String idsHash() {
            return text.idsHash();
        }

        @Override
        public String textHash() {
            return text.textHash();
        }
    }

    /// @param model       at the location
    /// @param calibration that the pack must be of
    /// @throws CheckpointException when it is of another model, precision or pruning
    static Given given(Path file, ModelLocation location, ReadableModel model, Calibration calibration)
            throws IOException {
        Pack pack = Pack.read(file);
        if (pack.info().precision() != calibration.precision()) {
            throw new CheckpointException(
                    file + ": is of a pass in " + pack.info().precision().key() + ", but "
                            + calibration.precision().key() + " is asked for; --precision says which");
        }
        if (pack.info().sparsityRatio() != calibration.sparsityRatio()) {
            throw new CheckpointException(
                    file + ": is of a pass that pruned " + pack.info().sparsityRatio() + " of each block, but "
                            + calibration.sparsityRatio() + " is asked for");
        }
        if (!pack.info().model().equals(ModelHash.of(model))) {
            throw new CheckpointException(file + ": is of another model than " + model.name());
        }
        return new Given(location, pack);
    }

    /// Ids may differ where tokenizers do.
    ///
    /// @throws CheckpointException when the other is of different text
    default void requireSameText(PackSource other) throws CheckpointException {
        boolean sameText = !textHash().isEmpty() && textHash().equals(other.textHash());
        if (!sameText && !idsHash().equals(other.idsHash())) {
            throw new CheckpointException("the packs of " + model() + " and " + other.model()
                    + " are of different text, so they cannot be compared");
        }
    }
}
