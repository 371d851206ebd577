package org.lewis.merge;

import java.util.List;
import java.util.Map;

/// The parameters of one tensor's merge, resolved: every parameter of the method has a value.
///
/// @param tensor   its name in the output
/// @param depth    where the tensor's layer lies in the merged model, from 0 for the first to 1 for the last; 0
///                 outside the layers
/// @param merge    values of the parameters of scope MERGE, by name
/// @param models   values of the parameters of scope MODEL, by name, one map per model
/// @param drawKeys one key per model, see [org.lewis.kernel.Draws]
/// @param guides   what calibration adds to that
public record Settings(
        String tensor,
        Semantics semantics,
        double depth,
        Map<String, Double> merge,
        List<Map<String, Double>> models,
        List<Long> drawKeys,
        Guides guides) {

    /// The same with what calibration has to say.
    public Settings guidedBy(Guides others) {
        return new Settings(tensor, semantics, depth, merge, models, drawKeys, others);
    }

    public double of(Parameter parameter) {
        return merge.get(parameter.name());
    }

    public boolean is(Parameter parameter) {
        return of(parameter) == 1;
    }

    public double of(Parameter parameter, int model) {
        return models.get(model).get(parameter.name());
    }

    /// The sum over all models.
    double sum(Parameter parameter) {
        double sum = 0;
        for (int i = 0; i < models.size(); i++) {
            sum += of(parameter, i);
        }
        return sum;
    }

    float[] ofEach(Parameter parameter) {
        float[] values = new float[models.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) of(parameter, i);
        }
        return values;
    }
}
