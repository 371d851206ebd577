package org.lewis.merge;

import java.util.List;
import org.lewis.merge.Parameter.Scope;

/// The Riemannian mean of the models' directions, found by steps along the sphere, times their mean length.
///
/// Every step stays in the span of the models, so that it is a step of their factors and no tensor is read for it.
final class Karcher implements Method {

    private static final Parameter MAX_ITER = Parameter.whole("max_iter", Scope.MERGE, 1, 100_000, "most steps to take")
            .or(10);
    private static final Parameter TOL = Parameter.positive(
                    "tol",
                    Scope.MERGE,
                    "a step shorter than it is the last; so are lengths and angles that count as none")
            .or(1e-5);

    /// Sines below it are those of opposite vectors, between which no way is the shortest.
    private static final double OPPOSITE = 1e-9;

    @Override
    public Description description() {
        return new Description(
                "karcher",
                "mean of any number of models on a sphere, all alike",
                "mean(|W_i|) * m, m the unit vector with sum(log_m(W_i/|W_i|)) = 0, log_m the way from m along the"
                        + " sphere",
                "Karcher 1977, Riemannian center of mass and mollifier smoothing",
                new Demands(Demands.Base.MODEL, 1, Integer.MAX_VALUE),
                List.of(MAX_ITER, TOL));
    }

    @Override
    public Blend prepare(Inputs inputs, Settings settings, Crew crew) {
        int steps = (int) settings.of(MAX_ITER);
        double tol = settings.of(TOL);
        return Combination.of(inputs, Vectors.WHOLE, crew, gram -> factors(gram, steps, tol));
    }

    private static double[] factors(Gram gram, int steps, double tol) {
        int models = gram.size();
        double[] lengths = new double[models];
        double meanLength = 0;
        int counted = 0;
        for (int i = 0; i < models; i++) {
            meanLength += gram.norm(i) / models;
            lengths[i] = gram.norm(i) > tol ? gram.norm(i) : 0; // 0 leaves it out
            counted += lengths[i] > 0 ? 1 : 0;
        }
        double[] factors = new double[models];
        if (counted == 0) {
            factors[0] = 1; // all are next to nothing: any stands for all
            return factors;
        }
        double[] mean = mean(gram.dividedBy(lengths), lengths, counted, steps, tol);
        for (int i = 0; i < models; i++) {
            factors[i] = lengths[i] == 0 ? 0 : meanLength * mean[i] / lengths[i];
        }
        return factors;
    }

    /// The mean direction as a combination of the unit vectors.
    private static double[] mean(Gram units, double[] lengths, int counted, int steps, double tol) {
        double[] mean = start(units, lengths, counted, tol);
        for (int step = 0; step < steps; step++) {
            double[] tangent = tangent(units, lengths, counted, mean, tol);
            double angle = units.norm(tangent);
            if (angle < tol) {
                break;
            }
            for (int i = 0; i < mean.length; i++) {
                mean[i] = Math.cos(angle) * mean[i] + Math.sin(angle) / angle * tangent[i];
            }
            normalize(units, mean);
        }
        return mean;
    }

    /// The mean of the unit vectors, made one itself; the first of them where they cancel out.
    private static double[] start(Gram units, double[] lengths, int counted, double tol) {
        double[] mean = new double[lengths.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = lengths[i] > 0 ? 1.0 / counted : 0;
        }
        if (units.norm(mean) >= tol) {
            normalize(units, mean);
            return mean;
        }
        double[] first = new double[lengths.length];
        int model = 0;
        while (lengths[model] == 0) {
            model++;
        }
        first[model] = 1;
        return first;
    }

    /// The mean of the ways from `mean` to the unit vectors.
    private static double[] tangent(Gram units, double[] lengths, int counted, double[] mean, double tol) {
        double[] tangent = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            double[] unit = new double[mean.length];
            unit[i] = 1;
            double cosine = Math.clamp(units.of(unit, mean), -1, 1);
            double angle = Math.acos(cosine);
            if (lengths[i] == 0 || angle < tol || Math.sin(angle) < OPPOSITE) {
                continue;
            }
            double share = angle / Math.sin(angle) / counted;
            tangent[i] += share;
            for (int j = 0; j < mean.length; j++) {
                tangent[j] -= share * cosine * mean[j];
            }
        }
        return tangent;
    }

    private static void normalize(Gram units, double[] combination) {
        double norm = units.norm(combination);
        for (int i = 0; i < combination.length; i++) {
            combination[i] /= norm;
        }
    }
}
