package org.lewis.guidance;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lewis.calibrate.Calibration;
import org.lewis.calibrate.Pack;
import org.lewis.calibrate.PackCache;
import org.lewis.calibrate.PackInfo;
import org.lewis.checkpoint.CheckpointException;
import org.lewis.checkpoint.ModelLocation;
import org.lewis.checkpoint.ReadableModel;
import org.lewis.forward.BlockStream;
import org.lewis.forward.LanguageModel;
import org.lewis.forward.Precision;
import org.lewis.forward.Resources;
import org.lewis.model.Decoder;
import org.lewis.recipe.Guidance;

/// Computes LEWIS importance: calibration text through base and fine-tunes, and how far each layer moved.
///
/// @param cache     of packs that were computed before
/// @param precision what models compute in; empty for each checkpoint's own
/// @param resources what passes compute on, and what memory they may use
/// @param packs     of models that need not run, by their types in a config or their names in a recipe or comparison
public record LewisRun(
        PackCache cache,
        Optional<Precision> precision,
        Resources resources,
        Map<String, Path> packs,
        Listener listener) {

    /// Hears how far it is.
    public interface Listener {

        Listener NONE = new Listener() {};

        /// A sequence has passed a block of a model.
        ///
        /// @param block  counted from 0
        /// @param tokens that have passed, each counted once for every block
        default void passed(String model, int block, int ofBlocks, long tokens, long ofTokens) {}

        /// Statistics that did not have to be computed.
        default void reused(String model) {}

        /// Statistics that could not be read back, or not be kept for the next time. The run goes on.
        default void problem(String model, String problem) {}
    }

    public LewisRun {
        packs = Map.copyOf(packs);
    }

    /// Packs are kept in the user's cache folder, and models compute in what they are stored in.
    public static LewisRun standard() {
        return with(PackCache.standard(), Optional.empty());
    }

    /// Without packs of the caller's own, and silent.
    public static LewisRun with(PackCache cache, Optional<Precision> precision) {
        return new LewisRun(cache, precision, Resources.standard(), Map.of(), Listener.NONE);
    }

    /// The same with these packs alone.
    public LewisRun withPacks(Map<String, Path> others) {
        return new LewisRun(cache, precision, resources, others, listener);
    }

    /// What a config asks for: how far each fine-tune moved from the base, by type.
    ///
    /// @throws CheckpointException when a model or the data set is missing, or a model cannot be run
    public Map<String, Movement> movements(LewisConfig config) throws IOException {
        return movements(config, Optional.empty(), Optional.empty());
    }

    /// The same on other text.
    ///
    /// @param data     rows of text in place of the config's data set
    /// @param tokenIds sequences in place of data set and tokenizer
    public Map<String, Movement> movements(LewisConfig config, Optional<Path> data, Optional<Path> tokenIds)
            throws IOException {
        ModelLocation base = config.model(config.baseType());
        Map<String, ModelLocation> tuned = new LinkedHashMap<>();
        for (String type : config.models().keySet()) {
            if (!type.equals(config.baseType())) {
                tuned.put(type, config.model(type));
            }
        }
        config.linears(describe(base, tuned.values())); // what cannot be compared is refused before the models run
        TextSource text = tokenIds.isPresent()
                ? TextSource.ofIds(tokenIds.get())
                : TextSource.of(
                        data.isPresent() ? data.get() : dataset(config),
                        new TextSource.Cut(config.textTemplate(), config.samples(), config.seed(), config.maxLength()),
                        base.folder());
        PackSource baseSource = source(config.baseType(), base, text, config.sparsityRatio());
        Map<String, PackSource> sources = new LinkedHashMap<>();
        for (Map.Entry<String, ModelLocation> model : tuned.entrySet()) {
            PackSource source = source(model.getKey(), model.getValue(), text, config.sparsityRatio());
            baseSource.requireSameText(source);
            sources.put(model.getKey(), source);
        }
        LayerTable ofBase = Importance.of(pack(baseSource), config.metric()).table(config.linears(describe(base)));
        Map<String, Movement> movements = new LinkedHashMap<>();
        for (Map.Entry<String, PackSource> source : sources.entrySet()) {
            Linears linears = config.linears(describe(source.getValue().model()));
            movements.put(
                    source.getKey(),
                    new Movement(
                            ofBase,
                            Importance.of(pack(source.getValue()), config.metric())
                                    .table(linears)));
        }
        return movements;
    }

    /// A file that is looked for when a model has to run.
    private Path dataset(LewisConfig config) throws IOException {
        return packs.keySet().containsAll(config.models().keySet()) ? Path.of(config.dataset()) : config.data();
    }

    /// How far one model moved from the base.
    ///
    /// @param base  of the same text as the other
    Movement movement(PackSource base, PackSource tuned, Guidance.Metric metric) throws IOException {
        return new Movement(
                Importance.of(pack(base), metric).table(Linears.of(describe(base.model()))),
                Importance.of(pack(tuned), metric).table(Linears.of(describe(tuned.model()))));
    }

    /// The pack of a model: the one named, or one from the cache, where it is put if need be.
    ///
    /// @param name under which [#packs] may have one
    /// @throws CheckpointException when the pack named is not of this model, precision and pruning
    public Pack pack(String name, ModelLocation location, TextSource text, double sparsityRatio) throws IOException {
        return pack(source(name, location, text, sparsityRatio));
    }

    /// Where the pack of a model will come from. No model runs yet: whoever needs several packs asks for all sources
    /// first. Parameters as in [#pack].
    PackSource source(String name, ModelLocation location, TextSource text, double sparsityRatio) throws IOException {
        Calibration calibration;
        try (ReadableModel model = location.open()) {
            calibration = new Calibration(
                    precision.orElseGet(() -> Precision.of(model)), sparsityRatio, PackInfo.Gram.DIAGONAL, resources);
            if (packs.containsKey(name)) {
                return PackSource.given(packs.get(name), location, model, calibration);
            }
        }
        return new PackSource.Pass(location, calibration, text.of(location));
    }

    /// Runs the model, if it has to.
    Pack pack(PackSource source) throws IOException {
        return switch (source) {
            case PackSource.Given given -> given.pack();
            case PackSource.Pass(var location, var calibration, var text) -> {
                String name = location.toString();
                PackCache.Found found = cache.get(location, calibration, text, progress(name));
                if (found.reused()) {
                    listener.reused(name);
                }
                found.problem().ifPresent(problem -> listener.problem(name, problem));
                yield found.pack();
            }
        };
    }

    /// Tells the listener how far a model's pass is.
    BlockStream.Progress progress(String model) {
        return new BlockStream.Progress() {
            @Override
            public void finished(int blocks, int ofBlocks) {}

            @Override
            public void passed(int block, int ofBlocks, long tokens, long ofTokens) {
                listener.passed(model, block, ofBlocks, tokens, ofTokens);
            }
        };
    }

    /// The description of a model.
    public static Decoder describe(ModelLocation location) throws IOException {
        try (ReadableModel model = location.open()) {
            return LanguageModel.describe(model);
        }
    }

    /// The base's description, whose linear layers the fine-tunes turn out to have too; a common prefix of all names
    /// may differ.
    ///
    /// @throws CheckpointException when one has others
    static Decoder describe(ModelLocation base, Collection<ModelLocation> tuned) throws IOException {
        Decoder decoder = describe(base);
        Map<String, String> expected = sizes(decoder);
        for (ModelLocation model : tuned) {
            Map<String, String> found = sizes(describe(model));
            if (!found.keySet().equals(expected.keySet())) {
                throw new CheckpointException(model + " and " + base + " do not have the same linear layers"
                        + only(base, expected, found) + only(model, found, expected));
            }
        }
        return decoder;
    }

    /// Names with sizes, by layer, component and size.
    private static Map<String, String> sizes(Decoder decoder) {
        Map<String, String> sizes = new TreeMap<>();
        Map<String, String> byWeight = decoder.linears().stream()
                .collect(Collectors.toMap(
                        Decoder.Linear::weight, linear -> " " + linear.out() + "x" + linear.in(), (a, _) -> a));
        Linears linears = Linears.of(decoder);
        for (int layer = 0; layer < linears.layers(); layer++) {
            for (Map.Entry<String, String> linear : linears.weights().get(layer).entrySet()) {
                String size = byWeight.get(linear.getValue());
                sizes.put(layer + "." + linear.getKey() + size, linear.getValue() + size);
            }
        }
        return sizes;
    }

    private static String only(ModelLocation model, Map<String, String> own, Map<String, String> others) {
        return own.entrySet().stream()
                .filter(linear -> !others.containsKey(linear.getKey()))
                .findFirst()
                .map(linear -> "; only " + model + " has " + linear.getValue())
                .orElse("");
    }
}
