package org.lewis.guidance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lewis.merge.ColumnScales;
import org.lewis.merge.ColumnScales.Within;
import org.lewis.merge.Guides;
import org.lewis.model.Decoder;

/// Chooses by scales of columns, which the merge ranks task vectors by.
final class ScaleChoice implements Choice {

    private final Within within;
    private final Shares shares;
    private final int models;
    private final Map<String, List<Optional<ColumnScales>>> byWeight = new LinkedHashMap<>();

    ScaleChoice(Within within, Shares shares) {
        this.within = within;
        this.shares = shares;
        this.models = shares.byModel().size();
    }

    @Override
    public void choose(int model, Decoder.Linear linear, InverseHessian inverse) {
        put(model, linear, inverse.scales());
    }

    /// @param scales not negative, by input feature
    void put(int model, Decoder.Linear linear, float[] scales) {
        List<Optional<ColumnScales>> all = byWeight.computeIfAbsent(
                linear.weight(), _ -> new ArrayList<>(java.util.Collections.nCopies(models, Optional.empty())));
        all.set(
                model,
                Optional.of(ColumnScales.of(
                        scales,
                        linear.layout() == Decoder.Linear.Layout.OUT_IN,
                        within,
                        shares.of(model, linear.weight()))));
    }

    ColumnScales of(int model, String weight) {
        return byWeight.get(weight).get(model).orElseThrow();
    }

    @Override
    public void merge(Decoder.Linear linear, MergingModel source) throws IOException {
        source.decide(source.job(linear.weight())
                .guidedBy(guides(
                        linear.weight(), source.job(linear.weight()).settings().guides())));
    }

    @Override
    public Map<String, Guides> guides() {
        Map<String, Guides> guides = new LinkedHashMap<>();
        byWeight.keySet().forEach(weight -> guides.put(weight, guides(weight, Guides.NONE)));
        return guides;
    }

    private Guides guides(String weight, Guides others) {
        return new Guides(byWeight.get(weight), others.relaxation());
    }
}
