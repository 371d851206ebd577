package org.lewis.merge;

import java.util.List;
import org.lewis.kernel.Arithmetic;

/// Another method, whose merged task vector is multiplied by a factor per input feature, so that what the base needs
/// most moves least.
///
/// @see <a href="https://arxiv.org/abs/2502.02421">Heyrani Nobari et al. 2025, Activation-Informed Merging</a>
public record Relaxed(Method method) implements Method {

    @Override
    public Description description() {
        return method.description();
    }

    @Override
    public boolean hasPaperSemantics() {
        return method.hasPaperSemantics();
    }

    @Override
    public boolean takesScales() {
        return method.takesScales();
    }

    @Override
    public void check(Settings settings) {
        method.check(settings);
    }

    @Override
    public boolean needsWholeModels(Semantics semantics) {
        return method.needsWholeModels(semantics);
    }

    @Override
    public void checkTogether(List<Settings> all) {
        method.checkTogether(all);
    }

    @Override
    public Method knowing(WholeModels models) {
        return new Relaxed(method.knowing(models));
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        Blend blend = method.prepare(inputs, settings, crew);
        ColumnFactors factors = settings.guides().relaxation().orElseThrow();
        factors.requireFit(inputs);
        return tile -> {
            blend.blend(tile);
            Arithmetic.subtract(tile.target(), tile.base(), tile.count());
            factors.multiply(inputs, tile.target(), tile.from(), tile.count());
            Arithmetic.addTo(tile.base(), tile.target(), tile.count());
        };
    }
}
