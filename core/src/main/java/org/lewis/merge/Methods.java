package org.lewis.merge;

import static org.lewis.merge.TaskVectorMethod.Keep.ALL;
import static org.lewis.merge.TaskVectorMethod.Keep.LARGEST;
import static org.lewis.merge.TaskVectorMethod.Keep.MIDDLE;
import static org.lewis.merge.TaskVectorMethod.Keep.RANDOM;
import static org.lewis.merge.TaskVectorMethod.Keep.RANKED;
import static org.lewis.merge.TaskVectorMethod.Vote.NONE;
import static org.lewis.merge.TaskVectorMethod.Vote.SIGN;

import java.util.List;
import java.util.Optional;

/// All methods. A new paper is a new row, or a page of its own.
public final class Methods {

    public static final List<Method> ALL_METHODS = List.of(
            new Linear(),
            new RegMean(),
            new Slerp(),
            new NuSlerp(),
            new MultiSlerp(),
            new Karcher(),
            //                   name                keep     vote dens. norm.  rescale source
            new TaskVectorMethod("task_arithmetic", ALL, NONE, 1, false, false, "arXiv:2212.04089"),
            new TaskVectorMethod("ties", LARGEST, SIGN, 1, true, false, "arXiv:2306.01708"),
            new TaskVectorMethod("dare_linear", RANDOM, NONE, 1, false, true, "arXiv:2311.03099"),
            new TaskVectorMethod("dare_ties", RANDOM, SIGN, 1, false, true, "arXiv:2311.03099"),
            new TaskVectorMethod("della_linear", RANKED, NONE, 1, false, true, "arXiv:2406.11617"),
            new TaskVectorMethod("della", RANKED, SIGN, 1, true, true, "arXiv:2406.11617"),
            new TaskVectorMethod("breadcrumbs", MIDDLE, NONE, 1, false, false, "arXiv:2312.06795"),
            new TaskVectorMethod("breadcrumbs_ties", MIDDLE, SIGN, 1, false, false, "arXiv:2312.06795"),
            new TallMasks(
                    "consensus_ta",
                    new TaskVectorMethod("task_arithmetic", ALL, NONE, 1, false, false, "arXiv:2212.04089")),
            new TallMasks(
                    "consensus_ties",
                    new TaskVectorMethod("ties", LARGEST, SIGN, 0.2, false, false, "arXiv:2306.01708")),
            new Cabs(),
            new Pcb(),
            new Sce(),
            new Ram(false),
            new Ram(true),
            new ModelStock(),
            new NearSwap(),
            new ArceeFusion(),
            new Passthrough());

    /// The one method that calibration does most of.
    public static final String REGMEAN = "regmean";

    private Methods() {}

    public static Optional<Method> named(String name) {
        return ALL_METHODS.stream().filter(method -> method.name().equals(name)).findFirst();
    }

    public static List<String> names() {
        return ALL_METHODS.stream().map(Method::name).toList();
    }
}
